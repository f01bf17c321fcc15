import CLibc
import Testing

@testable import Kernel
@testable import Mobility

@Suite(.enabled(if: canMakeNamespaces, "making network namespaces takes root"))
struct RoutingTests {
    @Test func rules() throws {
        try inFreshNamespace {
            let routes = try RouteSocket.open()
            ip("-6 rule add from 2001:db8:ff::/48 lookup 100 priority 5")
            try routes.addRule(Rule(source: "2001:db8::/56", table: 53_250, priority: 27_904))
            try routes.addRule(Rule(source: "2001:db8:1::/48", table: 200, priority: 27_904))
            let expected: Set = [
                Rule(source: "2001:db8::/56", table: 53_250, priority: 27_904),
                Rule(source: "2001:db8:1::/48", table: 200, priority: 27_904),
            ]
            #expect(try Set(routes.rules()) == expected)
            #expect(
                errno { () throws(KernelError) in
                    try routes.addRule(Rule(source: "2001:db8::/56", table: 53_250, priority: 27_904))
                } == EEXIST)
            for rule in expected {
                try routes.removeRule(rule)
            }
            #expect(try routes.rules().isEmpty)
            // Somebody else's rule is not ours to remove.
            #expect(
                errno { () throws(KernelError) in
                    try routes.removeRule(Rule(source: "2001:db8:ff::/48", table: 100, priority: 5))
                } == ENOENT)
        }
    }

    @Test func routesOfEachKindInEachTable() throws {
        try inFreshNamespace {
            let routes = try RouteSocket.open()
            ip("link add v0 type veth peer name v1")
            ip("link set v0 up")
            ip("link set v1 up")
            let uplink = try #require(try routes.links().first { $0.name == "v0" })
            ip("-6 route add 2001:db8:77::/48 dev v0")
            let table = 53_248 + uplink.index
            let expected: Set = [
                Route(
                    kind: .local, destination: "2001:db8:5::/64", table: localTable,
                    interfaceIndex: loopbackIndex),
                Route(
                    kind: .unicast, destination: "::/0", table: table, gateway: "fe80::1",
                    interfaceIndex: uplink.index),
                Route(kind: .unreachable, destination: "::/0", table: table, metric: 4096),
            ]
            for route in expected { try routes.addRoute(route) }
            #expect(try Set(routes.routes()) == expected)

            var other = try #require(expected.first { $0.kind == .unicast })
            other.gateway = "fe80::2"
            #expect(errno { () throws(KernelError) in try routes.addRoute(other) } == EEXIST)
            try routes.replaceRoute(other)
            #expect(try routes.routes().filter { $0.kind == .unicast } == [other])

            for route in try routes.routes() { try routes.removeRoute(route) }
            #expect(try routes.routes().isEmpty)
            #expect(errno { () throws(KernelError) in try routes.removeRoute(other) } == ESRCH)
            // Somebody else's route is not ours to remove.
            let foreign = Route(kind: .unicast, destination: "2001:db8:77::/48", table: mainTable)
            #expect(errno { () throws(KernelError) in try routes.removeRoute(foreign) } == ESRCH)
        }
    }

    @Test func aLocalRouteMakesAWholePrefixBindable() throws {
        try inFreshNamespace {
            let routes = try RouteSocket.open()
            let socket = TestSocket(SOCK_DGRAM)
            var isOn: Int32 = 1
            let size = socklen_t(MemoryLayout<Int32>.size)
            #expect(unsafe setsockopt(socket.descriptor, ipv6Level, IPV6_FREEBIND, &isOn, size) == 0)
            try routes.addRoute(
                Route(
                    kind: .local, destination: "2001:db8:5::/64", table: localTable,
                    interfaceIndex: loopbackIndex))
            #expect(socket.bind("2001:db8:5::1234") == 0)
        }
    }

    @Test func defaultRoutersAreTheMainTablesAndNotOurs() throws {
        try inFreshNamespace {
            let routes = try RouteSocket.open()
            #expect(try routes.defaultRouters().isEmpty)
            ip("link add v0 type veth peer name v1")
            ip("link set v0 up")
            ip("link set v1 up")
            let links = try routes.links()
            let first = try #require(links.first { $0.name == "v0" }).index
            let second = try #require(links.first { $0.name == "v1" }).index
            ip("-6 route add default via fe80::1 dev v0 metric 100")
            ip("-6 route add default via fe80::9 dev v0 metric 100 table 77")
            ip("-6 route add 2000::/3 via fe80::8 dev v0")
            ip("-6 route add unreachable default metric 5000")
            try routes.addRoute(
                Route(
                    kind: .unicast, destination: "::/0", table: mainTable, metric: 7,
                    gateway: "fe80::7", interfaceIndex: first))
            #expect(
                try routes.defaultRouters()
                    == [Router(interfaceIndex: first, address: "fe80::1", metric: 100)])
            ip("-6 route del default via fe80::1 dev v0 metric 100")
            ip(
                "-6 route add default metric 300 nexthop via fe80::1 dev v0 nexthop via fe80::2 dev v0 "
                    + "nexthop via fe80::3 dev v1")
            #expect(
                try Set(routes.defaultRouters()) == [
                    Router(interfaceIndex: first, address: "fe80::1", metric: 300),
                    Router(interfaceIndex: second, address: "fe80::3", metric: 300),
                ])
        }
    }

    @Test func links() throws {
        try inFreshNamespace {
            let routes = try RouteSocket.open()
            ip("link add v0 type veth peer name v1")
            ip("link set v0 up")
            let links = try routes.links()
            #expect(links.first == Link(index: 1, name: "lo", isUp: true, isRunning: true))
            #expect(links.first { $0.name == "v0" }.map { [$0.isUp, $0.isRunning] } == [true, false])
            #expect(links.first { $0.name == "v1" }.map { [$0.isUp, $0.isRunning] } == [false, false])
            ip("link set v1 up")
            // The carrier comes a moment after the other end is up.
            #expect(try eventually { try routes.links().first { $0.name == "v0" }?.isRunning == true })
        }
    }

    private func errno(_ action: () throws(KernelError) -> Void) -> Int32 {
        do {
            try action()
            return 0
        } catch {
            return error.errno
        }
    }
}

// RT_TABLE_* and IPPROTO_IPV6, which are behind the door to libnl or of another type.
private let mainTable: UInt32 = 254
private let localTable: UInt32 = 255
private let ipv6Level: Int32 = 41
