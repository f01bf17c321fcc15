import CSystemd

/// Calls its handler once each time it is armed. Dropping it disarms it.
public final class Timer {
    private let source: SourceHandle
    private let handler: () -> Void

    private init(adopting source: consuming SourceHandle, _ handler: @escaping () -> Void) {
        self.source = source
        self.handler = handler
    }

    static func make(
        on loop: borrowing LoopHandle, _ handler: @escaping () -> Void
    ) throws(EventLoopError) -> Timer {
        var pointer: OpaquePointer?
        let result = unsafe sd_event_add_time(
            loop.pointer, &pointer, CLOCK_BOOTTIME, UInt64.max, EventLoop.timerAccuracyMicroseconds,
            { unsafe Timer.dispatch($2) }, nil)
        try check(result, "create a timer")
        let timer = unsafe Timer(adopting: SourceHandle(adopting: pointer!), handler)
        timer.source.setOwner(timer)
        timer.disarm()
        return timer
    }

    private static func dispatch(_ owner: UnsafeMutableRawPointer?) -> Int32 {
        // The handler is kept alive, not its owner: what the handler drops must end at once.
        let handler = unsafe Unmanaged<Timer>.fromOpaque(owner!)._withUnsafeGuaranteedRef { $0.handler }
        handler()
        return 0
    }

    /// Fires at `time`, microseconds of CLOCK_BOOTTIME, at once if that is past. Arming again moves it.
    public func arm(at time: UInt64) {
        SourceHandle.expect(unsafe sd_event_source_set_time(source.pointer, time))
        source.setEnabled(SD_EVENT_ONESHOT)
    }

    public func disarm() {
        source.setEnabled(SD_EVENT_OFF)
    }
}
