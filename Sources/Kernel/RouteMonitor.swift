internal import CNetlink
public import Mobility

/// A change that somebody made, or the network.
public enum RouteNotice: Equatable, Sendable {
    /// Added or changed. Not told of an address of ours with `.noDAD`, which is ready when `add` returns.
    case address(KernelAddress)
    case addressGone(KernelAddress)
    /// Added or changed.
    case link(Link)
    case linkGone(index: UInt32)
    /// Added or changed.
    case defaultRouter(Router)
    case defaultRouterGone(Router)
    /// A rule of ours that somebody else has removed.
    case ruleGone(Rule)
    /// A route of ours that somebody else has removed, or the kernel because its interface went down. Not told
    /// of one that was replaced, or went down where net.ipv6.route.skip_notify_on_dev_down is set.
    case routeGone(Route)
}

/// Tells of changes of links, IPv6 addresses and default routers, and of what others do to our rules and routes.
public final class RouteMonitor {
    private let subscription: Subscription

    private init(adopting socket: consuming NetlinkSocket) {
        subscription = Subscription(adopting: socket)
    }

    /// - Parameter port: `RouteSocket.port` of what removes our own rules and routes, which is not told of.
    public static func open(ignoringRequestsOf port: UInt32) throws(KernelError) -> RouteMonitor {
        let socket = try NetlinkSocket.open(NETLINK_ROUTE, for: .openRouteMonitor)
        try RouteFilter.attach(to: socket, ignoring: port)
        for group in [RTNLGRP_LINK, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV6_RULE] {
            try socket.join(group.rawValue, for: .openRouteMonitor)
        }
        return RouteMonitor(adopting: socket)
    }

    /// Readable when there is something to drain.
    public var descriptor: Int32 { subscription.descriptor }

    /// Tells `body` what has happened, at most `budget` messages of the kernel's.
    public func drain(
        budget: Int, _ body: (RouteNotice) -> Void
    ) throws(KernelError) -> DrainOutcome {
        try subscription.drain(budget: budget, .receiveRouteNotices) { Self.read($0, body) }
    }

    private static func read(_ message: NetlinkMessage, _ body: (RouteNotice) -> Void) {
        switch message.type {
        case RTM_NEWADDR: if let address = KernelAddress(message) { body(.address(address)) }
        case RTM_DELADDR: if let address = KernelAddress(message) { body(.addressGone(address)) }
        case RTM_NEWLINK: if let link = Link(message) { body(.link(link)) }
        case RTM_DELLINK: if let link = Link(message) { body(.linkGone(index: link.index)) }
        case RTM_NEWROUTE: for router in Router.all(in: message) { body(.defaultRouter(router)) }
        case RTM_DELROUTE:
            if let route = Route(message) { return body(.routeGone(route)) }
            for router in Router.all(in: message) { body(.defaultRouterGone(router)) }
        case RTM_DELRULE: if let rule = Rule(message) { body(.ruleGone(rule)) }
        default: break
        }
    }
}
