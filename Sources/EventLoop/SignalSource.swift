import CSystemd

/// A signal that is taken as an event. Dropping it gives the signal its usual effect back.
public final class SignalSource {
    private let source: SourceHandle
    private let handler: () -> Void

    private init(adopting source: consuming SourceHandle, _ handler: @escaping () -> Void) {
        self.source = source
        self.handler = handler
    }

    static func make(
        on loop: borrowing LoopHandle, _ signal: Int32, _ handler: @escaping () -> Void
    ) throws(EventLoopError) -> SignalSource {
        var pointer: OpaquePointer?
        let result = unsafe sd_event_add_signal(
            loop.pointer, &pointer, signal | SD_EVENT_SIGNAL_PROCMASK, { unsafe SignalSource.dispatch($2) },
            nil)
        try check(result, "watch signal \(signal)")
        let source = unsafe SignalSource(adopting: SourceHandle(adopting: pointer!), handler)
        source.source.setOwner(source)
        return source
    }

    private static func dispatch(_ owner: UnsafeMutableRawPointer?) -> Int32 {
        // The handler is kept alive, not its owner: what the handler drops must end at once.
        let handler = unsafe Unmanaged<SignalSource>.fromOpaque(owner!)._withUnsafeGuaranteedRef {
            $0.handler
        }
        handler()
        return 0
    }
}
