import CSystemd

/// What can happen to a descriptor (epoll's bits).
public struct IOEvents: OptionSet, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    public static let input = IOEvents(rawValue: EPOLLIN.rawValue)
    public static let output = IOEvents(rawValue: EPOLLOUT.rawValue)
    /// Reported whether it was asked for or not.
    public static let hangUp = IOEvents(rawValue: EPOLLHUP.rawValue)
    /// Reported whether it was asked for or not.
    public static let error = IOEvents(rawValue: EPOLLERR.rawValue)
}

/// A watched descriptor. Whoever holds it drops it before closing the descriptor.
///
/// A handler may drop its own source. An event that was pending for a dropped source is not delivered, and
/// not to another source with the same descriptor number either.
public final class IOSource {
    private let source: SourceHandle
    private let handler: (IOEvents) -> Void

    private init(adopting source: consuming SourceHandle, _ handler: @escaping (IOEvents) -> Void) {
        self.source = source
        self.handler = handler
    }

    static func make(
        on loop: borrowing LoopHandle, _ descriptor: Int32, for events: IOEvents,
        _ priority: EventLoop.Priority,
        _ handler: @escaping (IOEvents) -> Void
    ) throws(EventLoopError) -> IOSource {
        var pointer: OpaquePointer?
        let result = unsafe sd_event_add_io(
            loop.pointer, &pointer, descriptor, events.rawValue, { unsafe IOSource.dispatch($2, $3) }, nil)
        try check(result, "watch descriptor \(descriptor)")
        let source = unsafe IOSource(adopting: SourceHandle(adopting: pointer!), handler)
        source.source.setOwner(source)
        if priority != .normal {
            SourceHandle.expect(unsafe sd_event_source_set_priority(source.source.pointer, priority.value))
        }
        return source
    }

    private static func dispatch(_ events: UInt32, _ owner: UnsafeMutableRawPointer?) -> Int32 {
        // The handler is kept alive, not its owner: what the handler drops must end at once.
        let handler = unsafe Unmanaged<IOSource>.fromOpaque(owner!)._withUnsafeGuaranteedRef { $0.handler }
        handler(IOEvents(rawValue: events))
        return 0
    }

    /// While it is off nothing is delivered, and what happens meanwhile is delivered afterwards if it still
    /// holds.
    public func setEnabled(_ isEnabled: Bool) {
        source.setEnabled(isEnabled ? SD_EVENT_ON : SD_EVENT_OFF)
    }

    public func setEvents(_ events: IOEvents) {
        SourceHandle.expect(unsafe sd_event_source_set_io_events(source.pointer, events.rawValue))
    }
}
