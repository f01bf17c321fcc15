import CLibc

/// Tells that the time of day was set, as it is also when the machine wakes up (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET).
public struct ClockChange: ~Copyable {
    private let descriptor: Descriptor

    /// Readable when that has happened.
    public var number: Int32 { descriptor.number }

    public init() throws(SystemError) { descriptor = try Self.armed() }

    private static func armed() throws(SystemError) -> Descriptor {
        let descriptor = Descriptor(
            adopting: try check("timerfd_create") {
                timerfd_create(CLOCK_REALTIME, Int32(TFD_NONBLOCK | TFD_CLOEXEC))
            })
        try arm(descriptor.number)
        return descriptor
    }

    /// Waits for the next.
    ///
    /// - Returns: false if nothing had happened.
    public func acknowledge() throws(SystemError) -> Bool {
        var expirations: UInt64 = 0
        let number = number
        let outcome = retrying { unsafe read(number, &expirations, 8) }
        guard outcome.errno != EAGAIN else { return false }
        try Self.arm(number)
        return true
    }

    /// Armed for a time that never comes.
    private static func arm(_ number: Int32) throws(SystemError) {
        var never = itimerspec()
        never.it_value.tv_sec = .max
        _ = try check("timerfd_settime") {
            unsafe timerfd_settime(number, Int32(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET), &never, nil)
        }
    }
}

/// For how long the machine has slept since it was started.
public enum Sleep {
    /// Microseconds: by so much CLOCK_BOOTTIME is ahead of CLOCK_MONOTONIC. To within a millisecond, though the two are
    /// read one after the other and the process may have to wait in between.
    public static var microseconds: Int64 {
        while true {
            let before = time(of: CLOCK_MONOTONIC)
            let withSleep = time(of: CLOCK_BOOTTIME)
            if time(of: CLOCK_MONOTONIC) - before < 1000 { return withSleep - before }
        }
    }

    private static func time(of clock: clockid_t) -> Int64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
