/// How often something of ours was taken away of late, by somebody who may do it again and again.
struct Fight {
    /// So often within `period` it is put back.
    static let mostStrikes = 3
    static let period: Duration = .seconds(60)
    /// Taken away again so soon it is put back only after this: whoever flushes looks again and again until nothing
    /// is left, and then is content (iproute2 does, ten times within milliseconds).
    static let pause: Duration = .seconds(1)

    enum Response {
        case putBack
        case putBackAfterPause
        /// It will be put back after the pause that has begun: whoever takes away much tells of each piece.
        case isPausing
        case giveUp
    }

    /// The last times, the oldest first.
    private var strikes: (Instant?, Instant?, Instant?) = (nil, nil, nil)
    /// What was to be put back after a pause is not, once it was given up.
    private(set) var isGivenUp = false
    private var pauseEnd: Instant?

    /// It was taken away once more.
    mutating func strike(at now: Instant) -> Response {
        if let pauseEnd, now < pauseEnd { return .isPausing }
        isGivenUp = strikes.0.map { now < $0 + Self.period } ?? false
        if isGivenUp { return .giveUp }
        let isSoon = strikes.2.map { now < $0 + Self.pause } ?? false
        strikes = (strikes.1, strikes.2, now)
        pauseEnd = isSoon ? now + Self.pause : nil
        return isSoon ? .putBackAfterPause : .putBack
    }
}
