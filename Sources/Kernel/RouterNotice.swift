internal import CNetlink
public import Mobility

/// What the kernel tells of a Router Advertisement that it has accepted.
public enum RouterNotice: Equatable, Sendable {
    /// A Neighbor Discovery option as it was received (RTM_NEWNDUSEROPT). Prefix Information is among them since Linux 6.6 and
    /// in stable kernels of that time.
    case option([UInt8], interfaceIndex: UInt32)
    /// A prefix (RTM_NEWPREFIX), told by every kernel; the reserved bits of the option are not there.
    case prefix(KernelPrefix)
}

/// A Prefix Information option as far as RTM_NEWPREFIX says what was in it.
public struct KernelPrefix: Equatable, Sendable {
    public var interfaceIndex: UInt32
    public var prefix: IPv6Prefix
    /// The on-link flag.
    public var isOnLink: Bool
    /// The autonomous address-configuration flag.
    public var isAutonomous: Bool
    /// Seconds; `UInt32.max` is infinity.
    public var preferredSeconds: UInt32
    /// Seconds; `UInt32.max` is infinity.
    public var validSeconds: UInt32

    public init(
        interfaceIndex: UInt32, prefix: IPv6Prefix, isOnLink: Bool, isAutonomous: Bool,
        preferredSeconds: UInt32,
        validSeconds: UInt32
    ) {
        self.interfaceIndex = interfaceIndex
        self.prefix = prefix
        self.isOnLink = isOnLink
        self.isAutonomous = isAutonomous
        self.preferredSeconds = preferredSeconds
        self.validSeconds = validSeconds
    }
}

extension RouterNotice {
    /// Of a Router Advertisement only; nil for everything else, and for what is malformed.
    init?(_ message: NetlinkMessage) {
        switch message.type {
        case RTM_NEWNDUSEROPT:
            guard let header = message.familyHeader(as: nduseroptmsg.self),
                header.nduseropt_family == AF_INET6, header.nduseropt_icmp_type == ND_ROUTER_ADVERT,
                let option = message.octets(after: nduseroptmsg.self, count: Int(header.nduseropt_opts_len))
            else { return nil }
            self = .option(option, interfaceIndex: UInt32(bitPattern: header.nduseropt_ifindex))
        case RTM_NEWPREFIX:
            guard let prefix = KernelPrefix(message) else { return nil }
            self = .prefix(prefix)
        default: return nil
        }
    }
}

extension KernelPrefix {
    /// RTM_NEWPREFIX; nil if it is malformed.
    fileprivate init?(_ message: NetlinkMessage) {
        guard let header = message.familyHeader(as: prefixmsg.self), header.prefix_family == AF_INET6,
            header.prefix_len <= 128
        else { return nil }
        var address: IPv6Address?
        var times: prefix_cacheinfo?
        for attribute in message.attributes(after: prefixmsg.self) {
            switch attribute.type {
            case Int(PREFIX_ADDRESS): address = attribute.address
            case Int(PREFIX_CACHEINFO): times = attribute.value()
            default: break
            }
        }
        guard let address, let times else { return nil }
        let flags = PrefixFlags(header.prefix_flags)
        self.init(
            interfaceIndex: UInt32(bitPattern: header.prefix_ifindex),
            prefix: IPv6Prefix(address, length: header.prefix_len), isOnLink: flags.isOnLink,
            isAutonomous: flags.isAutonomous, preferredSeconds: times.preferred_time,
            validSeconds: times.valid_time)
    }
}

/// prefix_flags of RTM_NEWPREFIX. Once they were numbers of the kernel's own (IF_PREFIX_ONLINK and IF_PREFIX_AUTOCONF in
/// include/net/if_inet6.h, which no header for user space has); kernels of today, 6.18 for one, put the option's flags
/// octet there as it came.
struct PrefixFlags: Equatable {
    var isOnLink: Bool
    var isAutonomous: Bool

    init(_ flags: UInt8) {
        let isOwnNumbering = flags & ~0x03 == 0
        isOnLink = flags & (isOwnNumbering ? 0x01 : 0x80) != 0
        isAutonomous = flags & (isOwnNumbering ? 0x02 : 0x40) != 0
    }
}
