internal import CNetlink
internal import Mobility

extension Router {
    /// The routers of an RTM_NEWROUTE or RTM_DELROUTE; of several next hops that share an interface, the first.
    /// None if it is no default route of the main table, or is ours. `Router.farEnd` where it has no gateway.
    static func all(in message: NetlinkMessage) -> [Router] {
        guard let header = message.familyHeader(as: rtmsg.self), header.rtm_family == AF_INET6,
            header.rtm_type == UInt8(RTN_UNICAST), header.rtm_dst_len == 0, header.rtm_src_len == 0,
            header.rtm_table == UInt8(RT_TABLE_MAIN.rawValue), header.rtm_protocol != RoutingProtocol.odmd,
            header.rtm_flags & UInt32(RTM_F_CLONED) == 0
        else { return [] }
        var metric: UInt32 = 0
        var single = NextHop()
        var several: NextHops?
        for attribute in message.attributes(after: rtmsg.self) {
            switch attribute.type {
            case Int(RTA_PRIORITY.rawValue): metric = attribute.value() ?? 0
            case Int(RTA_GATEWAY.rawValue): single.gateway = attribute.address
            case Int(RTA_OIF.rawValue): single.interfaceIndex = attribute.value() ?? 0
            case Int(RTA_MULTIPATH.rawValue): several = attribute.nextHops
            default: break
            }
        }
        let hops = several.map { Array($0) } ?? [single]
        return firstOnEachInterface(hops).map { hop in
            Router(
                interfaceIndex: hop.interfaceIndex, address: hop.gateway ?? Router.farEnd, metric: metric,
                isAdvertised: Int32(header.rtm_protocol) == RTPROT_RA)
        }
    }

    private static func firstOnEachInterface(_ hops: [NextHop]) -> [NextHop] {
        var seen: Set<UInt32> = []
        return hops.filter { $0.interfaceIndex != 0 && seen.insert($0.interfaceIndex).inserted }
    }
}
