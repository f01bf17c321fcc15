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
        /// Whoever takes away much tells of each piece: until the pause ends these are one loss.
        case putBackAt(Instant)
        case giveUp
    }

    /// The last times, the oldest first.
    private var strikes: (Instant?, Instant?, Instant?) = (nil, nil, nil)
    private var pauseEnd: Instant?
    /// When routing is to be put back that is missing; an entry of the agenda for another time is out of date.
    var putBackDue: Instant?

    /// It was taken away once more.
    mutating func strike(at now: Instant) -> Response {
        if let pauseEnd, now < pauseEnd { return .putBackAt(pauseEnd) }
        if let first = strikes.0, now < first + Self.period { return .giveUp }
        let isSoon = strikes.2.map { now < $0 + Self.pause } ?? false
        strikes = (strikes.1, strikes.2, now)
        pauseEnd = isSoon ? now + Self.pause : nil
        return pauseEnd.map(Response.putBackAt) ?? .putBack
    }
}
