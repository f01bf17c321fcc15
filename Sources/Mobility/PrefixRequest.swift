/// Names a prefix that a source is asked for, from the question until it has been given back. Never used again.
public struct LeaseID: Hashable, Comparable, Sendable {
    public var number: UInt64

    public init(_ number: UInt64) { self.number = number }

    public static func < (a: Self, b: Self) -> Bool { a.number < b.number }
}

/// What a source is asked for: a prefix of a type, from the network that an interface is on.
public struct PrefixRequest: Equatable, Sendable {
    public var id: LeaseID
    /// Name of the source.
    public var source: String
    public var type: ContinuityType
    /// The uplink; nil if the source has none, as a helper program that knows by itself.
    public var interface: InterfaceName?
    /// IPV6_REQUIRE_SRC_ON_NET: a new prefix, even if there is one of the type.
    public var isOnNet: Bool

    public init(
        id: LeaseID, source: String, type: ContinuityType, interface: InterfaceName? = nil,
        isOnNet: Bool = false
    ) {
        self.id = id
        self.source = source
        self.type = type
        self.interface = interface
        self.isOnNet = isOnNet
    }
}

/// A prefix that a source has given us, until it is given back or taken away.
public struct LeasedPrefix: Equatable, Sendable {
    public var id: LeaseID
    /// Name of the source.
    public var source: String
    public var type: ContinuityType
    /// /128 for a single address.
    public var prefix: IPv6Prefix
    /// The uplink that packets from the prefix leave by; nil if the main routing table decides.
    public var interface: InterfaceName?
    /// A request with ON_NET got it, and has it to itself.
    public var isOnNet: Bool

    public init(
        id: LeaseID, source: String, type: ContinuityType, prefix: IPv6Prefix,
        interface: InterfaceName? = nil, isOnNet: Bool = false
    ) {
        self.id = id
        self.source = source
        self.type = type
        self.prefix = prefix
        self.interface = interface
        self.isOnNet = isOnNet
    }
}
