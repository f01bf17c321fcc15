/// How durable an address is (RFC 8653, section 3.2; numbers: draft-ietf-dmm-ondemand-mobility-12, section 6.1).
public enum ContinuityType: UInt8, CaseIterable, Hashable, Sendable {
    /// The same address for ever, used or not.
    case fixed = 1
    /// Valid while a socket uses it, wherever the host moves.
    case sessionLasting = 2
    /// Valid on the network that it came from.
    case nonPersistent = 3
    /// Replaced at a move, with a time in which the old and the new address both work.
    case gracefulReplacement = 4
}
