/// What clients of the administration socket may take up, all of them together and each.
///
/// What one connection holds in memory is bounded by `VarlinkConnection`.
struct AdministrationLimits {
    /// Connections at a time. An administrator has one or two, a monitoring system a few.
    var clients = 32
    /// Connections among these that only root may have, so that users cannot lock the administrator out.
    var clientsForRoot = 8
    /// Connections of one user who is not root.
    var clientsOfUser = 8
    /// Connections that are taken in before others get their turn.
    var acceptsAtATime = 16
    /// Time to send the rest of a message that was begun: programs write a call at once.
    var microsecondsForMessage: UInt64 = 5_000_000
    /// Time to take one piece of a reply: only a program that was stopped needs longer.
    var microsecondsForPiece: UInt64 = 10_000_000
    /// Rest after the system had no descriptor or memory for a client: trying again at once would only
    /// spin.
    var microsecondsOfRest: UInt64 = 1_000_000
}
