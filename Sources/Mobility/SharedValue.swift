/// A value in memory of its own, which copies share: what holds it stays small. It is replaced, never changed.
struct SharedValue<Value: Sendable>: Sendable {
    private final class Storage: Sendable {
        let value: Value
        init(_ value: Value) { self.value = value }
    }

    private let storage: Storage

    init(_ value: Value) { storage = Storage(value) }

    var value: Value {
        _read { yield storage.value }
    }
}
