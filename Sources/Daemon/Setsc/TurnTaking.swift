import Mobility

/// Whether users are served in turn. On most hosts there is but one, and to look whether there are clients of others
/// would cost each request a system call: it is done for a while after requests of two users followed one another.
struct TurnTaking {
    static let time: Duration = .seconds(10)

    private var lastUser: UInt32?
    private var end: Instant?

    /// A request of a user is served.
    mutating func note(_ user: UInt32, at now: Instant) {
        if user == lastUser { return }
        if lastUser != nil { end = now + Self.time }
        lastUser = user
    }

    func isNeeded(at now: Instant) -> Bool { end.map { now < $0 } ?? false }
}
