/// How often something of ours was taken away of late, by somebody who may do it again and again.
struct Fight {
    /// So often within `period` it is put back.
    static let mostStrikes = 3
    static let period: Duration = .seconds(60)

    /// The last times, the oldest first; in place, because every address carries them.
    private var strikes: (Instant?, Instant?, Instant?) = (nil, nil, nil)

    /// It was taken away once more.
    ///
    /// - Returns: whether to put it back.
    mutating func strike(at now: Instant) -> Bool {
        if let oldest = strikes.0, now < oldest + Self.period { return false }
        strikes = (strikes.1, strikes.2, now)
        return true
    }
}
