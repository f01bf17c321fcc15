/// A moment on CLOCK_BOOTTIME, which goes on counting while the machine sleeps.
public struct Instant: Comparable, Hashable, Sendable {
    public var microseconds: UInt64

    public init(microseconds: UInt64) { self.microseconds = microseconds }

    public static func < (a: Self, b: Self) -> Bool { a.microseconds < b.microseconds }

    /// The moment `duration` later; the end of time if that cannot be counted.
    public static func + (instant: Instant, duration: Duration) -> Instant {
        let (seconds, attoseconds) = duration.components
        let whole = UInt64(clamping: seconds).multipliedReportingOverflow(by: 1_000_000)
        let sum = instant.microseconds.addingReportingOverflow(
            whole.overflow ? .max : whole.partialValue + UInt64(clamping: attoseconds / 1_000_000_000_000))
        return Instant(microseconds: sum.overflow ? .max : sum.partialValue)
    }

    /// Not before the beginning of time.
    public static func - (instant: Instant, duration: Duration) -> Instant {
        Instant(
            microseconds: instant.microseconds
                - min(instant.microseconds, (Instant(microseconds: 0) + duration).microseconds))
    }

    /// Time from `earlier` to here; zero if it is later.
    public func since(_ earlier: Instant) -> Duration {
        .microseconds(Int64(clamping: microseconds - min(microseconds, earlier.microseconds)))
    }
}
