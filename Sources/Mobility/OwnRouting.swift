/// A piece of routing of ours, as the kernel has it.
public enum OwnRouting: Hashable, Sendable {
    /// Packets from a prefix are sent by an uplink's table.
    case rule(IPv6Prefix, uplink: UInt32)
    /// Before that rule: packets from a prefix go where the main table has a better route than a default one.
    case mainRule(IPv6Prefix)
    /// An uplink's table, in which a packet that finds no route is unreachable.
    case table(uplink: UInt32)
    /// A prefix is reached on the uplink's own link, in the uplink's table.
    case linkRoute(IPv6Prefix, uplink: UInt32)
    /// Every address in a prefix is local, whether it is configured or not.
    case localRoute(IPv6Prefix)
}

/// Something of ours in the kernel.
public enum OwnThing: Hashable, Sendable {
    case address(IPv6Address)
    case routing(OwnRouting)
}

extension OwnRouting: CustomStringConvertible {
    public var description: String {
        switch self {
        case .rule(let prefix, let uplink): "the rule for \(prefix) by interface \(uplink)"
        case .mainRule(let prefix): "the rule for \(prefix) by the main table"
        case .table(let uplink): "the routing table of interface \(uplink)"
        case .linkRoute(let prefix, let uplink): "the route to \(prefix) on interface \(uplink)"
        case .localRoute(let prefix): "the local route to \(prefix)"
        }
    }
}

extension OwnThing: CustomStringConvertible {
    public var description: String {
        switch self {
        case .address(let address): address.description
        case .routing(let routing): routing.description
        }
    }
}
