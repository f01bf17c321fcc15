internal import CNetlink
public import Mobility

/// A route of ours.
public struct Route: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// The whole destination is this host's: IPV6_FREEBIND binds to any address in it.
        case local
        /// Sent on, through `gateway` and `interfaceIndex`.
        case unicast
        /// Refused with EHOSTUNREACH.
        case unreachable
    }

    public var kind: Kind
    public var destination: IPv6Prefix
    public var table: UInt32
    /// A lower number is preferred. The kernel takes 0 for 1024, and so does everything here.
    public var metric: UInt32
    public var gateway: IPv6Address?
    public var interfaceIndex: UInt32?

    public init(
        kind: Kind, destination: IPv6Prefix, table: UInt32, metric: UInt32 = 0,
        gateway: IPv6Address? = nil, interfaceIndex: UInt32? = nil
    ) {
        self.kind = kind
        self.destination = destination
        self.table = table
        self.metric = metric == 0 ? UInt32(IP6_RT_PRIO_USER) : metric
        self.gateway = gateway
        self.interfaceIndex = interfaceIndex
    }
}

extension Route.Kind {
    init?(_ type: UInt8) {
        switch Int(type) {
        case RTN_LOCAL: self = .local
        case RTN_UNICAST: self = .unicast
        case RTN_UNREACHABLE: self = .unreachable
        default: return nil
        }
    }

    var type: UInt8 {
        switch self {
        case .local: UInt8(RTN_LOCAL)
        case .unicast: UInt8(RTN_UNICAST)
        case .unreachable: UInt8(RTN_UNREACHABLE)
        }
    }
}

extension Route {
    /// RTM_NEWROUTE or RTM_DELROUTE; nil if it is not ours.
    init?(_ message: NetlinkMessage) {
        guard let header = message.familyHeader(as: rtmsg.self), header.rtm_family == AF_INET6,
            header.rtm_protocol == RoutingProtocol.odmd, header.rtm_dst_len <= 128,
            header.rtm_flags & UInt32(RTM_F_CLONED) == 0, let kind = Kind(header.rtm_type)
        else { return nil }
        var destination = IPv6Address.unspecified
        self.init(kind: kind, destination: "::/0", table: UInt32(header.rtm_table))
        for attribute in message.attributes(after: rtmsg.self) {
            switch attribute.type {
            case Int(RTA_DST.rawValue): destination = attribute.address ?? destination
            case Int(RTA_TABLE.rawValue): table = attribute.value() ?? table
            case Int(RTA_PRIORITY.rawValue): metric = attribute.value() ?? metric
            case Int(RTA_GATEWAY.rawValue): gateway = attribute.address
            case Int(RTA_OIF.rawValue): interfaceIndex = attribute.value()
            default: break
            }
        }
        self.destination = IPv6Prefix(destination, length: header.rtm_dst_len)
        // The kernel says "dev lo" of a route that leads nowhere.
        if kind == .unreachable { interfaceIndex = nil }
    }

    /// RTM_NEWROUTE or RTM_DELROUTE. The protocol makes sure that only a route of ours is removed.
    func request(_ type: Int, flags: Int32) -> NetlinkRequest {
        let request = NetlinkRequest(type, flags: flags)
        var header = rtmsg()
        header.rtm_family = UInt8(AF_INET6)
        header.rtm_dst_len = destination.length
        header.rtm_protocol = RoutingProtocol.odmd
        header.rtm_type = kind.type
        request.append(header)
        if destination.length > 0 { request.put(Int(RTA_DST.rawValue), destination.address) }
        request.put(Int(RTA_TABLE.rawValue), table)
        request.put(Int(RTA_PRIORITY.rawValue), metric)
        if let gateway { request.put(Int(RTA_GATEWAY.rawValue), gateway) }
        if let interfaceIndex { request.put(Int(RTA_OIF.rawValue), interfaceIndex) }
        return request
    }
}
