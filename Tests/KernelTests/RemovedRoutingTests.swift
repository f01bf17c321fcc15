import CLibc
import Testing

@testable import Kernel
@testable import Mobility

/// What others remove of our rules and routes is told, and nothing else about them.
@Suite(.enabled(if: canMakeNamespaces, "making network namespaces takes root"))
struct RemovedRoutingTests {
    private let source: IPv6Prefix = "2001:db8:5::/48"

    @Test func whatWeRemoveOurselvesIsNotTold() throws {
        try inRoutedNamespace { routes, index, monitor in
            for route in routing(index) {
                try routes.addRoute(route)
                try routes.replaceRoute(route)
                try routes.removeRoute(route)
            }
            try routes.addRule(Rule(source: source, table: 77, priority: 100))
            try routes.removeRule(Rule(source: source, table: 77, priority: 100))
            #expect(try removals(monitor) == [])
        }
    }

    @Test func whatWeDoOurselvesWakesNobody() throws {
        try inFreshNamespace {
            let routes = try RouteSocket.open()
            let monitor = try RouteMonitor.open(ignoringRequestsOf: routes.port)
            _ = try removals(monitor)
            let route = Route(
                kind: .local, destination: source, table: 255, interfaceIndex: loopbackIndex)
            try routes.addRoute(route)
            try routes.removeRoute(route)
            try routes.addRule(Rule(source: source, table: 77, priority: 100))
            try routes.removeRule(Rule(source: source, table: 77, priority: 100))
            usleep(50_000)
            #expect(!isReadable(monitor))
        }
    }

    @Test func aRuleThatSomebodyElseRemovesIsTold() throws {
        try inRoutedNamespace { routes, _, monitor in
            try routes.addRule(Rule(source: source, table: 77, priority: 100))
            ip("-6 rule add from 2001:db8:6::/48 lookup 78")
            ip("-6 rule del from 2001:db8:6::/48 lookup 78")
            #expect(try removals(monitor) == [])
            ip("-6 rule del from 2001:db8:5::/48 lookup 77")
            #expect(try removals(monitor) == [.ruleGone(Rule(source: source, table: 77, priority: 100))])
        }
    }

    @Test func routesThatSomebodyElseRemovesAreTold() throws {
        try inRoutedNamespace { routes, index, monitor in
            let ours = routing(index)
            for route in ours { try routes.addRoute(route) }
            ip("-6 route add 2001:db8:7::/48 via fe80::1 dev v0")
            ip("-6 route add default via fe80::3 dev v0 table 77 metric 7")
            ip("-6 route del 2001:db8:7::/48")
            ip("-6 route del default via fe80::3 dev v0 table 77 metric 7")
            #expect(try removals(monitor) == [])
            ip("-6 route del default via fe80::1 dev v0 table 77")
            ip("-6 route del unreachable default table 77 metric 4096")
            ip("-6 route del local 2001:db8:5::/48 dev lo")
            ip("-6 route del 2001:db8:5:1::/64 dev v0")
            #expect(try removals(monitor) == ours.map { .routeGone($0) })
        }
    }

    @Test func routesThatGoWithTheirInterfaceAreTold() throws {
        for removal in ["link set v0 down", "link del v0"] {
            try inRoutedNamespace { routes, index, monitor in
                let ours = routing(index)
                for route in ours { try routes.addRoute(route) }
                try routes.addRule(Rule(source: source, table: 77, priority: 100))
                ip(removal)
                let through = ours.filter { $0.interfaceIndex == index }
                #expect(through.count == 2)
                #expect(Set(try removals(monitor)) == Set(through.map { .routeGone($0) }))
            }
        }
    }

    @Test func flushingATableIsTold() throws {
        try inRoutedNamespace { routes, index, monitor in
            let ours = routing(index)
            for route in ours { try routes.addRoute(route) }
            ip("-6 route flush table 77")
            #expect(Set(try removals(monitor)) == Set(ours.prefix(2).map { .routeGone($0) }))
        }
    }

    /// One of each kind that the daemon makes.
    private func routing(_ index: UInt32) -> [Route] {
        [
            Route(
                kind: .unicast, destination: "::/0", table: 77, gateway: "fe80::1", interfaceIndex: index),
            Route(kind: .unreachable, destination: "::/0", table: 77, metric: 4096),
            Route(kind: .local, destination: source, table: 255, interfaceIndex: loopbackIndex),
            Route(kind: .unicast, destination: "2001:db8:5:1::/64", table: 254, interfaceIndex: index),
        ]
    }

    private func inRoutedNamespace(
        _ body: (RouteSocket, _ index: UInt32, RouteMonitor) throws -> Void
    ) throws {
        try inFreshNamespace {
            ip("link add v0 type veth peer name v1")
            ip("link set v0 up")
            ip("link set v1 up")
            let routes = try RouteSocket.open()
            let index = try #require(try routes.links().first { $0.name == "v0" }).index
            let monitor = try RouteMonitor.open(ignoringRequestsOf: routes.port)
            _ = try removals(monitor)
            try body(routes, index, monitor)
        }
    }

    private func removals(_ monitor: RouteMonitor) throws -> [Removal] {
        usleep(50_000)
        var removals: [Removal] = []
        let outcome = try monitor.drain(budget: 1_000) { notice in
            switch notice {
            case .ruleGone(let rule): removals.append(.ruleGone(rule))
            case .routeGone(let route): removals.append(.routeGone(route))
            case .address, .addressGone, .link, .linkGone, .defaultRouter, .defaultRouterGone: break
            }
        }
        #expect(outcome == .drained)
        return removals
    }

    private enum Removal: Hashable {
        case ruleGone(Rule)
        case routeGone(Route)
    }

    private func isReadable(_ monitor: RouteMonitor) -> Bool {
        var entry = pollfd(fd: monitor.descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, 0) == 1
    }
}
