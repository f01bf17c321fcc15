import CPreload
import Synchronization

/// What ODM_RUN says: the type of address that the sockets of this program are to have, and what goes with it.
///
///     ODM_RUN="session-lasting on-net serve strict"
struct Wishes {
    struct Options: OptionSet {
        let rawValue: UInt8

        /// `on-net`: each socket gets a new address, from a new prefix.
        static let onNet = Options(rawValue: 1)
        /// `serve`: sockets that wait for others, too.
        static let serve = Options(rawValue: 2)
        /// `strict`: a call fails where there is no address.
        static let strict = Options(rawValue: 4)
    }

    let type: sc_type
    let options: Options

    /// The wishes of this program, which are read once; nil if there are none, or they make no sense.
    static var current: Wishes? {
        let word = unsafe sharedWord(ODM_WORD_WISHES)
        let known = unsafe word.pointee.load(ordering: .relaxed)
        if known != 0 { return Wishes(encoded: known) }
        let read = Wishes.read()
        unsafe word.pointee.store(read?.encoded ?? Self.none, ordering: .relaxed)
        return read
    }

    // MARK: As one word, which threads can share without a lock

    private static let none: UInt64 = 1 << 63

    private var encoded: UInt64 { UInt64(type) | UInt64(options.rawValue) << 8 }

    private init?(encoded: UInt64) {
        guard encoded != Self.none else { return nil }
        type = sc_type(truncatingIfNeeded: encoded)
        options = Options(rawValue: UInt8(truncatingIfNeeded: encoded >> 8))
    }

    // MARK: As text

    private static func read() -> Wishes? {
        // A program with raised privileges does not do what the environment wishes.
        guard let text = unsafe secure_getenv("ODM_RUN") else { return nil }
        let wishes = unsafe Wishes(text)
        if wishes == nil { unsafe odm_log("ODM_RUN=\"%s\" makes no sense%s", text, "; left unheeded") }
        return wishes
    }

    private init?(_ text: UnsafePointer<CChar>) {
        var words = unsafe Words(text)
        guard let type = unsafe Self.type(words.next()) else { return nil }
        var options: Options = []
        while let word = unsafe words.next() {
            guard let option = unsafe Self.option(word) else { return nil }
            options.insert(option)
        }
        self.type = type
        self.options = options
    }

    private static func type(_ word: UnsafeBufferPointer<CChar>?) -> sc_type? {
        guard let word = unsafe word else { return nil }
        for type in sc_type(FIXED_IPV6_ADDRESS)...sc_type(GRACEFUL_REPLACEMENT_IPV6_ADDRESS)
        where unsafe isEqual(word, name(of: type)) {
            return type
        }
        return nil
    }

    private static func option(_ word: UnsafeBufferPointer<CChar>) -> Options? {
        if unsafe isEqual(word, "on-net") { return .onNet }
        if unsafe isEqual(word, "serve") { return .serve }
        if unsafe isEqual(word, "strict") { return .strict }
        return nil
    }

    var typeName: StaticString { Self.name(of: type) }

    private static func name(of type: sc_type) -> StaticString {
        switch CInt(type) {
        case FIXED_IPV6_ADDRESS: "fixed"
        case SESSION_LASTING_IPV6_ADDRESS: "session-lasting"
        case NON_PERSISTENT_IPV6_ADDRESS: "non-persistent"
        default: "graceful-replacement"
        }
    }
}

/// A word that all threads see.
///
/// Never inlined: each object file that uses the C function gets words of its own, so only this one may.
@inline(never)
func sharedWord(_ index: Int) -> UnsafePointer<Atomic<UInt64>> {
    unsafe UnsafeRawPointer(odm_preload_words() + index).assumingMemoryBound(to: Atomic<UInt64>.self)
}

/// The words of a text, between spaces.
@safe private struct Words {
    private var rest: UnsafePointer<CChar>

    init(_ text: UnsafePointer<CChar>) { unsafe rest = text }

    mutating func next() -> UnsafeBufferPointer<CChar>? {
        while unsafe rest.pointee == Self.space { unsafe rest += 1 }
        let start = unsafe rest
        while unsafe rest.pointee != 0 && rest.pointee != Self.space { unsafe rest += 1 }
        let count = unsafe rest - start
        return count == 0 ? nil : unsafe UnsafeBufferPointer(start: start, count: count)
    }

    private static let space = CChar(0x20)
}

private func isEqual(_ word: UnsafeBufferPointer<CChar>, _ name: StaticString) -> Bool {
    unsafe word.count == name.utf8CodeUnitCount && memcmp(word.baseAddress!, name.utf8Start, word.count) == 0
}
