import CLibc

/// The time of day (CLOCK_REALTIME), for what must be understood after the machine was started again. It may step.
public enum WallClock {
    /// Milliseconds since 1970-01-01 00:00 UTC.
    public static var milliseconds: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// A moment as the local clock showed it: 2026-02-03 14:05:06.
    public static func text(ofMilliseconds milliseconds: Int64) -> String {
        var seconds = time_t(milliseconds / 1000)
        var parts = unsafe tm()
        guard unsafe localtime_r(&seconds, &parts) != nil else { return "\(milliseconds) ms" }
        let date = unsafe [parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday].map(twoDigits)
        let time = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map(twoDigits)
        return date.joined(separator: "-") + " " + time.joined(separator: ":")
    }

    private static func twoDigits(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
