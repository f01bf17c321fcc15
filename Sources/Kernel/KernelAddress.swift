internal import CNetlink
public import Mobility

/// An IPv6 address as the kernel has it.
public struct KernelAddress: Equatable, Sendable {
    public var address: IPv6Address
    public var prefixLength: UInt8
    public var interfaceIndex: UInt32
    public var flags: AddressFlags
    /// Seconds; UInt32.max for ever, 0 deprecated: no program gets it without asking for it.
    public var preferredSeconds: UInt32
    /// Seconds, at least `preferredSeconds` and not 0; UInt32.max for ever.
    public var validSeconds: UInt32
    /// IFA_PROTO: whose it is; 0 if nobody said.
    public var proto: UInt8

    public init(
        address: IPv6Address, prefixLength: UInt8, interfaceIndex: UInt32, flags: AddressFlags,
        preferredSeconds: UInt32, validSeconds: UInt32, proto: UInt8
    ) {
        self.address = address
        self.prefixLength = prefixLength
        self.interfaceIndex = interfaceIndex
        self.flags = flags
        self.preferredSeconds = preferredSeconds
        self.validSeconds = validSeconds
        self.proto = proto
    }

    /// Somebody else made it in a prefix that a router advertises: the kernel, or whoever manages the interface. Not a
    /// temporary one, which goes before its prefix does.
    public var isAutoconfigured: Bool {
        type == nil && flags.isDisjoint(with: [.permanent, .temporary]) && !address.isLinkLocal
    }

    /// The type that we made it for; nil if it is not ours.
    public var type: ContinuityType? {
        proto > RoutingProtocol.odmd ? ContinuityType(rawValue: proto - RoutingProtocol.odmd) : nil
    }
}

/// IFA_F_*.
public struct AddressFlags: OptionSet, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// No duplicate address detection: it can be bound at once.
    public static let noDAD = AddressFlags(rawValue: UInt32(IFA_F_NODAD))
    /// Usable while duplicate address detection runs, where the sysctl optimistic_dad allows it.
    public static let optimistic = AddressFlags(rawValue: UInt32(IFA_F_OPTIMISTIC))
    /// No route for its prefix. Without it even a /128 leaves a route in the main table that can outlive it.
    public static let noPrefixRoute = AddressFlags(rawValue: UInt32(IFA_F_NOPREFIXROUTE))
    /// Set by the kernel: duplicate address detection has not ended, bind() is refused.
    public static let tentative = AddressFlags(rawValue: UInt32(IFA_F_TENTATIVE))
    /// Set by the kernel: somebody else on the link has it.
    public static let dadFailed = AddressFlags(rawValue: UInt32(IFA_F_DADFAILED))
    /// Set by the kernel: the preferred lifetime is over.
    public static let deprecated = AddressFlags(rawValue: UInt32(IFA_F_DEPRECATED))
    /// Set by the kernel: made beside another so that its bearer is not followed (RFC 8981), and soon replaced.
    public static let temporary = AddressFlags(rawValue: UInt32(IFA_F_TEMPORARY))
    /// Set by the kernel: valid for ever.
    public static let permanent = AddressFlags(rawValue: UInt32(IFA_F_PERMANENT))
}

// libnl-route is not used: its address object (3.7) drops IFA_PROTO, by which we know our own.
extension KernelAddress {
    /// RTM_NEWADDR or RTM_DELADDR; nil if it is of another family or malformed.
    init?(_ message: NetlinkMessage) {
        guard let header = message.familyHeader(as: ifaddrmsg.self), header.ifa_family == AF_INET6 else {
            return nil
        }
        self.init(
            address: .unspecified, prefixLength: header.ifa_prefixlen, interfaceIndex: header.ifa_index,
            flags: AddressFlags(rawValue: UInt32(header.ifa_flags)), preferredSeconds: .max,
            validSeconds: .max, proto: 0)
        var local: IPv6Address?
        var other: IPv6Address?
        for attribute in message.attributes(after: ifaddrmsg.self) {
            switch attribute.type {
            case IFA_LOCAL: local = attribute.address
            case IFA_ADDRESS: other = attribute.address
            case IFA_FLAGS: flags = AddressFlags(rawValue: attribute.value() ?? flags.rawValue)
            case IFA_PROTO: proto = attribute.value() ?? 0
            case IFA_CACHEINFO:
                guard let times: ifa_cacheinfo = attribute.value() else { return nil }
                preferredSeconds = times.ifa_prefered
                validSeconds = times.ifa_valid
            default: break
            }
        }
        // IFA_LOCAL is there only beside a peer's address, which is then IFA_ADDRESS.
        guard let address = local ?? other else { return nil }
        self.address = address
    }
}
