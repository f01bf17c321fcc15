/// How often something of ours was taken away of late, by somebody who may do it again and again.
struct Fight {
    /// So often within `period` it is put back.
    static let mostStrikes = 3
    static let period: Duration = .seconds(60)

    /// The last times, at most `mostStrikes`.
    private var strikes: [Instant] = []

    /// It was taken away once more.
    ///
    /// - Returns: whether to put it back.
    mutating func strike(at now: Instant) -> Bool {
        strikes.removeAll { $0 + Self.period <= now }
        guard strikes.count < Self.mostStrikes else { return false }
        strikes.append(now)
        return true
    }
}
