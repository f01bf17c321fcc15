/// A message between a DHCPv6 client and a server (RFC 8415, section 8), as far as is of interest here.
public struct DHCPv6Message: Equatable, Sendable {
    /// The kinds of messages that we send and understand. Confirm is not among them, since no server answers it for
    /// prefixes and Rebind asks the same; Reconfigure is not, since it takes authentication.
    public enum Kind: UInt8, Sendable {
        case solicit = 1
        case advertise = 2
        case request = 3
        case renew = 5
        case rebind = 6
        case reply = 7
        case release = 8
        case decline = 9
    }

    public var kind: Kind
    /// 24 bits.
    public var transactionIdentifier: UInt32
    /// DUID of the client.
    public var clientIdentifier: [UInt8]?
    /// DUID of the server.
    public var serverIdentifier: [UInt8]?
    /// Hundredths of a second since the exchange began.
    public var elapsedTime: UInt16?
    /// Numbers of options that the server is asked for.
    public var optionRequest: [UInt16] = []
    /// How much a server wants to be chosen; saying nothing is as good as 0.
    public var preference: UInt8?
    public var isRapidCommit = false
    /// SOL_MAX_RT: the longest time between two Solicits, in seconds.
    public var maxSolicitTimeoutSeconds: UInt32?
    /// Each of the data in the User Class option.
    public var userClasses: [[UInt8]] = []
    /// OPTION_IPv6_CONTINUITY_SERVICE outside of all associations.
    public var continuityCode: UInt8?
    /// Of the message as a whole.
    public var status: DHCPv6Status?
    public var associations: [IdentityAssociation] = []

    public init(_ kind: Kind, transactionIdentifier: UInt32) {
        self.kind = kind
        self.transactionIdentifier = transactionIdentifier
    }
}

extension DHCPv6Message {
    /// A server with this preference wants to be chosen without waiting for others (RFC 8415, section 18.2.1).
    static let highestPreference: UInt8 = 255

    /// The transaction that a received message belongs to, without a look at the rest; nil if it is too short.
    public static func transactionIdentifier(in octets: Span<UInt8>) -> UInt32? {
        var reader = OctetReader(octets)
        guard let word: UInt32 = reader.integer(octets) else { return nil }
        return word & 0xff_ffff
    }
}
