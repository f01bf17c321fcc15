import CSystemd

/// One thread's event loop: sd-event. Not thread-safe; everything happens on the thread that calls `run()`.
///
/// Sources keep their loop alive, and whoever holds a source keeps the source alive: dropping it ends it.
public final class EventLoop {
    /// In which order sources that are ready in the same wake-up get their turn
    /// (sd_event_source_set_priority).
    public enum Priority: Sendable {
        case early, normal, late
    }

    /// How much later than asked a timer may fire, so that several can share one wake-up.
    static let timerAccuracyMicroseconds: UInt64 = 1_000

    private let handle: LoopHandle

    /// A loop of its own, not the thread's default one (sd_event_new).
    public init() throws(EventLoopError) {
        handle = try LoopHandle.make()
    }

    /// Dispatches until `exit` is called (sd_event_loop).
    ///
    /// - Returns: the code given to `exit`.
    public func run() throws(EventLoopError) -> Int32 {
        // A negative code cannot be told from an error, so `exit` does not take one.
        try check(unsafe sd_event_loop(handle.pointer), "run the event loop")
    }

    /// Dispatches one event if there is any within `microseconds` (sd_event_run): for tests that act between events, as
    /// a loop that has exited does not run again.
    func runOnce(waiting microseconds: UInt64) throws(EventLoopError) {
        try check(unsafe sd_event_run(handle.pointer, microseconds), "run the event loop")
    }

    /// Makes `run()` return `code` after the handler that is running.
    ///
    /// - Precondition: `code` is not negative.
    public func exit(_ code: Int32) {
        precondition(code >= 0, "an exit code is not negative")
        _ = unsafe sd_event_exit(handle.pointer, code)
    }

    /// Microseconds of CLOCK_BOOTTIME at which this wake-up began; the time itself outside of `run()`.
    public var now: UInt64 {
        var microseconds: UInt64 = 0
        let result = unsafe sd_event_now(handle.pointer, CLOCK_BOOTTIME, &microseconds)
        precondition(result >= 0, "every Linux that systemd runs on has CLOCK_BOOTTIME")
        return microseconds
    }

    /// Calls `handler` while any of `events`, an error or a hang-up is pending on `descriptor`.
    ///
    /// The descriptor stays the caller's, who drops the source before closing it.
    public func watch(
        _ descriptor: Int32, for events: IOEvents, priority: Priority = .normal,
        _ handler: @escaping (IOEvents) -> Void
    ) throws(EventLoopError) -> IOSource {
        try IOSource.make(on: handle, descriptor, for: events, priority, handler)
    }

    /// A timer that is not armed yet; its clock is CLOCK_BOOTTIME.
    public func timer(_ handler: @escaping () -> Void) throws(EventLoopError) -> Timer {
        try Timer.make(on: handle, handler)
    }

    /// Calls `handler` for a signal, which is blocked for this thread as long as the source lives.
    public func onSignal(
        _ signal: Int32, _ handler: @escaping () -> Void
    ) throws(EventLoopError) -> SignalSource {
        try SignalSource.make(on: handle, signal, handler)
    }

    /// Sends the service manager its keep-alive messages from now on (sd_event_set_watchdog).
    ///
    /// - Returns: whether the service manager wants any (`WatchdogSec=`).
    public func startWatchdog() throws(EventLoopError) -> Bool {
        try check(unsafe sd_event_set_watchdog(handle.pointer, 1), "start the watchdog") > 0
    }
}

extension EventLoop.Priority {
    var value: Int64 {
        switch self {
        case .early: Int64(SD_EVENT_PRIORITY_IMPORTANT)
        case .normal: Int64(SD_EVENT_PRIORITY_NORMAL)
        case .late: Int64(SD_EVENT_PRIORITY_IDLE)
        }
    }
}
