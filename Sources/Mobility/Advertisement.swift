/// A prefix as a router advertises it on a link (RFC 4861, section 4.6.2).
public struct Advertisement: Equatable, Sendable {
    public var interfaceIndex: UInt32
    public var prefix: IPv6Prefix
    /// What the router says that the prefix is for (draft-feng-dmm-ra-prefixtype-03); nil if it does not say.
    public var type: ContinuityType?
    /// Hosts may make addresses in it (the autonomous address-configuration flag).
    public var isAutonomous: Bool
    /// Until then addresses in it are for new sockets; nil for ever, zero not any more.
    public var preferredLifetime: Duration?
    /// Until then addresses in it can be used; nil for ever.
    public var validLifetime: Duration?

    /// Hosts may make addresses in it. Else it is ignored, also if it was known: another router may tell of the same
    /// prefix as it should be (RFC 4862, section 5.5.3, a to d).
    var isForAutoconfiguration: Bool {
        isAutonomous && prefix.length == 64 && !prefix.address.isLinkLocal && isPreferredWhileValid
    }

    private var isPreferredWhileValid: Bool {
        guard let validLifetime else { return true }
        return preferredLifetime.map { $0 <= validLifetime } ?? false
    }

    /// Addresses in it cannot be used any more.
    var isOver: Bool { validLifetime == .zero }

    public init(
        interfaceIndex: UInt32, prefix: IPv6Prefix, type: ContinuityType? = nil, isAutonomous: Bool = true,
        preferredLifetime: Duration?, validLifetime: Duration?
    ) {
        self.interfaceIndex = interfaceIndex
        self.prefix = prefix
        self.type = type
        self.isAutonomous = isAutonomous
        self.preferredLifetime = preferredLifetime
        self.validLifetime = validLifetime
    }
}

/// An address that is not ours, made in an advertised prefix by the kernel or by whoever manages the interface. It is
/// given to sockets, and stays whose it is.
public struct AutoconfiguredAddress: Equatable, Sendable {
    public var address: IPv6Address
    public var interfaceIndex: UInt32
    /// It can be bound; else duplicate address detection goes on.
    public var isUsable: Bool
    /// It is for new sockets as well: its preferred lifetime is not over, and no neighbour has it.
    public var isPreferred: Bool

    public init(
        address: IPv6Address, interfaceIndex: UInt32, isUsable: Bool = true, isPreferred: Bool = true
    ) {
        self.address = address
        self.interfaceIndex = interfaceIndex
        self.isUsable = isUsable
        self.isPreferred = isPreferred
    }
}
