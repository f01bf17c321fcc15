public import Mobility

/// A prefix or an address that a server has given us for a time. It holds what is needed to ask for it again after a
/// restart.
public struct DHCPv6Lease: Equatable, Sendable {
    public var content: IdentityAssociation.Content
    /// IAID.
    public var identifier: UInt32
    public var type: ContinuityType
    /// /128 for an address.
    public var prefix: IPv6Prefix
    /// DUID of the server that it was last confirmed by.
    public var serverIdentifier: [UInt8]
    /// T1 as the server has sent it: 0 leaves it to us, `UInt32.max` is infinity.
    public var renewalSeconds: UInt32
    /// T2, likewise.
    public var rebindingSeconds: UInt32
    /// `UInt32.max` is infinity.
    public var preferredSeconds: UInt32
    /// `UInt32.max` is infinity.
    public var validSeconds: UInt32
    /// All times count from here.
    public var receivedAt: Instant

    public init(
        content: IdentityAssociation.Content, identifier: UInt32, type: ContinuityType, prefix: IPv6Prefix,
        serverIdentifier: [UInt8], renewalSeconds: UInt32, rebindingSeconds: UInt32, preferredSeconds: UInt32,
        validSeconds: UInt32, receivedAt: Instant
    ) {
        self.content = content
        self.identifier = identifier
        self.type = type
        self.prefix = prefix
        self.serverIdentifier = serverIdentifier
        self.renewalSeconds = renewalSeconds
        self.rebindingSeconds = rebindingSeconds
        self.preferredSeconds = preferredSeconds
        self.validSeconds = validSeconds
        self.receivedAt = receivedAt
    }

    /// When the valid lifetime ends; nil for never.
    public var expiry: Instant? { LeaseTimes(self).expiry }

    /// The same lease `seconds` later, at `now`: for one that was stored while another clock ran.
    ///
    /// The valid lifetime of a lease that has expired meanwhile is 0.
    public func aged(bySeconds seconds: UInt64, now: Instant) -> DHCPv6Lease {
        var lease = self
        lease.renewalSeconds = Self.left(renewalSeconds, seconds, least: 1)
        lease.rebindingSeconds = Self.left(rebindingSeconds, seconds, least: 1)
        lease.preferredSeconds = Self.left(preferredSeconds, seconds, least: 0)
        lease.validSeconds = Self.left(validSeconds, seconds, least: 0)
        lease.receivedAt = now
        return lease
    }

    /// T1 and T2 do not become 0, which means something else.
    private static func left(_ value: UInt32, _ seconds: UInt64, least: UInt32) -> UInt32 {
        if value == 0 || value == .max { return value }
        return UInt64(value) > seconds ? max(least, value - UInt32(seconds)) : least
    }
}
