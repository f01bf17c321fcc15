import CLibc
import EventLoop
import Kernel
import Mobility

extension OwnRouting {
    /// Nil for one that odmd does not make.
    init?(_ rule: Rule) {
        if let uplink = UplinkRouting.uplink(ofTable: rule.table) {
            self = .rule(rule.source, uplink: uplink)
        } else if rule == UplinkRouting.mainRule(rule.source) {
            self = .mainRule(rule.source)
        } else {
            return nil
        }
    }

    /// Nil for one that odmd does not make. The default routes of an uplink's table stand for the table.
    init?(_ route: Route) {
        if route.kind == .local {
            self = .localRoute(route.destination)
        } else if let uplink = UplinkRouting.uplink(ofTable: route.table) {
            self =
                route.destination == .everything
                ? .table(uplink: uplink) : .linkRoute(route.destination, uplink: uplink)
        } else {
            return nil
        }
    }
}

/// The rules, tables and routes that carry packets from our prefixes. All of it has protocol 0xd0.
final class UplinkRouting {
    /// Before the main table's rule (32766), after the local table's (0).
    static let rulePriority: UInt32 = 0x6d00
    /// Before that.
    private static let mainRulePriority: UInt32 = 0x6cff
    /// The table of an uplink is this plus its interface index.
    static let firstTable: UInt32 = 0xd000
    private static let mainTable: UInt32 = 254
    private static let localTable: UInt32 = 255
    private static let routerMetric: UInt32 = 1024
    /// Worse than every other route: without a router a packet fails with EHOSTUNREACH instead of falling
    /// through to the main table.
    private static let unreachableMetric: UInt32 = 4096

    static func uplink(ofTable table: UInt32) -> UInt32? { table > firstTable ? table - firstTable : nil }

    private static func rule(_ prefix: IPv6Prefix, _ uplink: UInt32) -> Rule {
        Rule(source: prefix, table: firstTable + uplink, priority: rulePriority)
    }

    fileprivate static func mainRule(_ prefix: IPv6Prefix) -> Rule {
        Rule(source: prefix, table: mainTable, priority: mainRulePriority, usesDefaultRoutes: false)
    }

    private let routes: RouteSocket
    private let log: Log

    init(routes: RouteSocket, log: Log) {
        self.routes = routes
        self.log = log
    }

    /// Performs one of the routing actions. A failure is logged: the address works, by another path.
    func perform(_ action: Action) {
        do {
            try attempt(action)
        } catch {
            // Adding what an earlier run left, or removing what went with its interface, is no failure.
            guard ![EEXIST, ENOENT, ESRCH, ENODEV].contains(error.errno) else { return }
            log.warning("\(error)")
        }
    }

    private func attempt(_ action: Action) throws(KernelError) {
        switch action {
        case .addRouting(let routing): try add(routing)
        case .removeRouting(let routing): try remove(routing)
        case .setRouter(let uplink, let router): try setRouter(uplink, router)
        case .answer, .keepRecord, .eraseRecord, .addAddress, .abortSockets, .restoreAddress, .removeAddress,
            .removeIfOurs, .listAddresses, .followSocketDeaths, .stopFollowingSocketDeaths,
            .findSockets, .measureTraffic, .findHolders, .probeRouter, .forgetNeighbour, .keepNetwork,
            .network, .announce,
            .report:
            preconditionFailure("not a routing action")
        }
    }

    private func add(_ routing: OwnRouting) throws(KernelError) {
        switch routing {
        case .rule(let prefix, let uplink):
            try routes.addRule(Self.rule(prefix, uplink))
        case .mainRule(let prefix): try routes.addRule(Self.mainRule(prefix))
        case .table(let uplink): try routes.addRoute(unreachable(uplink))
        case .linkRoute(let prefix, let uplink): try routes.addRoute(onLink(prefix, uplink))
        case .localRoute(let prefix): try routes.addRoute(local(prefix))
        }
    }

    private func remove(_ routing: OwnRouting) throws(KernelError) {
        switch routing {
        case .rule(let prefix, let uplink):
            try routes.removeRule(Self.rule(prefix, uplink))
        case .mainRule(let prefix): try routes.removeRule(Self.mainRule(prefix))
        case .table(let uplink): try removeTable(uplink)
        case .linkRoute(let prefix, let uplink): try routes.removeRoute(onLink(prefix, uplink))
        case .localRoute(let prefix): try routes.removeRoute(local(prefix))
        }
    }

    /// Routing of ours that is in the kernel; rules come before the routes of their tables.
    func found() throws(KernelError) -> [OwnRouting] {
        var seen: Set<OwnRouting> = []
        return (try routes.rules().compactMap(OwnRouting.init) + routes.routes().compactMap(OwnRouting.init))
            .filter { seen.insert($0).inserted }
    }

    /// The new route is there before the old one goes: no packet falls between them.
    private func setRouter(_ uplink: UInt32, _ router: IPv6Address?) throws(KernelError) {
        if let router {
            try routes.replaceRoute(throughRouter(uplink, router))
        } else {
            for route in try routes.routes() where isDefault(route, of: uplink) {
                try routes.removeRoute(route)
            }
        }
    }

    private func removeTable(_ uplink: UInt32) throws(KernelError) {
        for route in try routes.routes() where route.table == table(uplink) { try routes.removeRoute(route) }
    }

    private func table(_ uplink: UInt32) -> UInt32 { Self.firstTable + uplink }

    private func throughRouter(_ uplink: UInt32, _ router: IPv6Address) -> Route {
        Route(
            kind: .unicast, destination: IPv6Prefix.everything, table: table(uplink),
            metric: Self.routerMetric,
            gateway: router == Router.farEnd ? nil : router, interfaceIndex: uplink)
    }

    /// Through a router, or to the other end of the link.
    private func isDefault(_ route: Route, of uplink: UInt32) -> Bool {
        route.table == table(uplink) && route.kind == .unicast && route.destination == .everything
    }

    private func unreachable(_ uplink: UInt32) -> Route {
        Route(
            kind: .unreachable, destination: IPv6Prefix.everything, table: table(uplink),
            metric: Self.unreachableMetric, gateway: nil, interfaceIndex: nil)
    }

    private func onLink(_ prefix: IPv6Prefix, _ uplink: UInt32) -> Route {
        Route(
            kind: .unicast, destination: prefix, table: table(uplink), metric: Self.routerMetric,
            gateway: nil,
            interfaceIndex: uplink)
    }

    private func local(_ prefix: IPv6Prefix) -> Route {
        Route(
            kind: .local, destination: prefix, table: Self.localTable, metric: Self.routerMetric,
            gateway: nil,
            interfaceIndex: 1)
    }
}
