public import Mobility

/// What a client and a server agree on under one number: an IA_PD or an IA_NA option (RFC 8415, sections 21.4
/// and 21.21).
public struct IdentityAssociation: Equatable, Sendable {
    public enum Content: Equatable, Sendable {
        /// IA_PD: prefixes that are routed to the client.
        case prefixDelegation
        /// IA_NA: single addresses on the link.
        case nonTemporaryAddress
    }

    public var content: Content
    /// IAID: unique among the associations of one kind that the client has.
    public var identifier: UInt32
    /// T1: when to ask the same server again, in seconds; 0 leaves it to the client, `UInt32.max` means never.
    public var renewalSeconds: UInt32
    /// T2: when to ask every server, likewise.
    public var rebindingSeconds: UInt32
    public var assignments: [Assignment]
    public var status: DHCPv6Status?

    public init(
        _ content: Content, identifier: UInt32, renewalSeconds: UInt32 = 0, rebindingSeconds: UInt32 = 0,
        assignments: [Assignment] = [], status: DHCPv6Status? = nil
    ) {
        self.content = content
        self.identifier = identifier
        self.renewalSeconds = renewalSeconds
        self.rebindingSeconds = rebindingSeconds
        self.assignments = assignments
        self.status = status
    }

    /// A prefix or an address in an association: an IAPREFIX or an IAADDR option (RFC 8415, sections 21.22 and 21.6).
    public struct Assignment: Equatable, Sendable {
        /// /128 for an address.
        public var prefix: IPv6Prefix
        /// `UInt32.max` is infinity.
        public var preferredSeconds: UInt32
        /// `UInt32.max` is infinity; 0 takes the prefix away.
        public var validSeconds: UInt32
        public var status: DHCPv6Status?
        /// OPTION_IPv6_CONTINUITY_SERVICE, with whatever number it has.
        public var continuityCode: UInt8?

        public init(
            _ prefix: IPv6Prefix, preferredSeconds: UInt32 = 0, validSeconds: UInt32 = 0,
            status: DHCPv6Status? = nil, continuityCode: UInt8? = nil
        ) {
            self.prefix = prefix
            self.preferredSeconds = preferredSeconds
            self.validSeconds = validSeconds
            self.status = status
            self.continuityCode = continuityCode
        }
    }
}
