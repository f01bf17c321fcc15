/// The end of a time that begins now; without one there is no end.
struct Deadline: Sendable {
    private let end: ContinuousClock.Instant?

    /// poll(2) takes its milliseconds as an int: who waits longer looks at the clock again.
    private static let longestWaitSeconds: Int32 = 3600

    init(within duration: Duration?) {
        // Nobody waits longer than a century, and the clock must not overflow.
        end = duration.map { ContinuousClock.now.advanced(by: min($0, .seconds(3_155_760_000))) }
    }

    /// Zero when it is over.
    var isOver: Bool { end.map { $0 <= .now } ?? false }

    /// For poll(2), rounded up; -1 without an end, 0 when it is over.
    var pollMilliseconds: Int32 {
        guard let end else { return -1 }
        let rest = ContinuousClock.now.duration(to: end)
        guard rest > .zero else { return 0 }
        guard rest < .seconds(Self.longestWaitSeconds) else { return Self.longestWaitSeconds * 1000 }
        return Int32((rest / .milliseconds(1)).rounded(.up))
    }

    /// How long to wait before what was in vain for the `attempt`th time is tried again: a millisecond, then twice as
    /// long each time up to 50.
    ///
    /// - Throws: ETIMEDOUT when the time is over.
    func pauseMilliseconds(after attempt: Int) throws(MobilityError) -> Int32 {
        guard !isOver else { throw .timedOut }
        let pause: Int32 = attempt > 5 ? 50 : 1 << Int32(attempt)
        return end == nil ? pause : min(pause, pollMilliseconds)
    }
}
