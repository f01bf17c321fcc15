import CLibc

/// The time of day (CLOCK_REALTIME), for what must be understood after the machine was started again. It may step.
public enum WallClock {
    /// Milliseconds since 1970-01-01 00:00 UTC.
    public static var milliseconds: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
