internal import CNetlink

/// Tells of the prefixes that routers advertise, as far as the kernel accepts their advertisements (accept_ra).
public final class RouterMonitor {
    private let subscription: Subscription

    private init(adopting socket: consuming NetlinkSocket) {
        subscription = Subscription(adopting: socket)
    }

    public static func open() throws(KernelError) -> RouterMonitor {
        let socket = try NetlinkSocket.open(NETLINK_ROUTE, for: .openRouterMonitor)
        for group in [RTNLGRP_ND_USEROPT, RTNLGRP_IPV6_PREFIX] {
            try socket.join(group.rawValue, for: .openRouterMonitor)
        }
        return RouterMonitor(adopting: socket)
    }

    /// Readable when there is something to drain.
    public var descriptor: Int32 { subscription.descriptor }

    /// Tells `body` what routers have said, at most `budget` messages of the kernel's. After an overrun they can be asked to
    /// say it again.
    public func drain(
        budget: Int, _ body: (RouterNotice) -> Void
    ) throws(KernelError) -> DrainOutcome {
        try subscription.drain(budget: budget, .receiveRouterNotices) { message in
            if let notice = RouterNotice(message) { body(notice) }
        }
    }
}
