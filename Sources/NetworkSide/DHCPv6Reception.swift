public import Mobility

/// What a received message was to an association. Reads as a line of a debug log.
public enum DHCPv6Reception: Equatable, Sendable {
    /// An offer, to be accepted now or later.
    case offer(IPv6Prefix)
    case refusal(DHCPv6Failure)
    /// The answer that ends the exchange, whatever it says.
    case answer
    case ignored(Reason)

    /// Why a message leads to nothing.
    public enum Reason: Equatable, Sendable {
        case malformed(DHCPv6DecodingError)
        /// The association waits for no answer.
        case notAsked
        /// Not an answer to what was sent last.
        case unexpected(DHCPv6Message.Kind)
        case otherTransaction
        /// No client identifier, or not ours.
        case otherClient
        case noServer
        /// Not the server that was asked.
        case otherServer
        /// A Reply to a Solicit that does not say that it commits itself.
        case notCommitted
        /// The association that was asked about is not in it.
        case noAssociation
        /// T1 is after T2, so the association counts as not there (RFC 8415, sections 21.4 and 21.21).
        case timesOutOfOrder
        /// What we have is not in it, or with a lifetime that cannot be.
        case noAssignment
        /// The server cannot prolong what we have, but does not take it away either.
        case notProlonged(DHCPv6Failure)
    }
}

extension DHCPv6Reception: CustomStringConvertible {
    public var description: String {
        switch self {
        case .offer(let prefix): "offer of \(prefix)"
        case .refusal(let failure): "\(failure)"
        case .answer: "answer"
        case .ignored(let reason): "ignored: \(reason)"
        }
    }
}

extension DHCPv6Reception.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let error): "\(error)"
        case .notAsked: "nothing was asked"
        case .unexpected(let kind): "unexpected \(kind)"
        case .otherTransaction: "of another transaction"
        case .otherClient: "for another client"
        case .noServer: "without a server identifier"
        case .otherServer: "from a server that was not asked"
        case .notCommitted: "reply to a Solicit without Rapid Commit"
        case .noAssociation: "without our association"
        case .timesOutOfOrder: "T1 is after T2"
        case .noAssignment: "without our prefix"
        case .notProlonged(let failure): "\(failure)"
        }
    }
}
