import CLibc
import Testing

@testable import Kernel
@testable import Mobility

@Suite(.enabled(if: canMakeNamespaces, "making network namespaces takes root"))
struct RouteMonitorTests {
    @Test func addresses() throws {
        try inFreshNamespace {
            let routes = try RouteSocket.open()
            let monitor = try openQuiet(routes)
            ip("-6 address add 2001:db8:f::1/128 dev lo nodad")
            var notices = try drain(monitor)
            #expect(notices.count == 1)
            #expect(
                notices.contains {
                    if case .address(let it) = $0 { it.address == "2001:db8:f::1" } else { false }
                })

            // Ready when add() returns: nobody is woken to be told so.
            try routes.add(ourAddress("2001:db8::1"))
            letTheKernelFinish()
            #expect(!isReadable(monitor.descriptor))
            // That it goes may be somebody else's doing.
            ip("-6 address del 2001:db8::1/128 dev lo")
            notices = try drain(monitor)
            #expect(notices.count == 1)
            guard case .addressGone(let gone) = notices.first else {
                Issue.record("\(notices)")
                return
            }
            #expect(gone.address == "2001:db8::1")
            #expect(gone.type == .sessionLasting)
        }
    }

    /// Duplicate address detection ends after a second: the notice is the only way to know.
    @Test func anAddressOfOursThatIsBeingDetectedIsToldOf() throws {
        try inFreshNamespace {
            ip("link add v0 type veth peer name v1")
            ip("link set v0 up")
            ip("link set v1 up")
            let routes = try RouteSocket.open()
            let monitor = try RouteMonitor.open(ignoringRequestsOf: routes.port)
            var address = ourAddress("2001:db8::1")
            address.interfaceIndex = try #require(try routes.links().first { $0.name == "v0" }).index
            address.flags = [.noPrefixRoute]
            try routes.add(address)
            var flags: [AddressFlags] = []
            let isReady = try eventually {
                for case .address(let it) in try drain(monitor) where it.address == "2001:db8::1" {
                    #expect(it.type == .sessionLasting)
                    flags.append(it.flags)
                }
                return flags.last.map { !$0.contains(.tentative) } ?? false
            }
            #expect(isReady || flags.contains { $0.contains(.tentative) })
        }
    }

    @Test func defaultRoutersThatComeAndGo() throws {
        try inFreshNamespace {
            ip("link add v0 type veth peer name v1")
            ip("link set v0 up")
            ip("link set v1 up")
            let routes = try RouteSocket.open()
            let index = try #require(try routes.links().first { $0.name == "v0" }).index
            let monitor = try openQuiet(routes)

            ip("-6 route add default via fe80::1 dev v0 metric 100")
            ip("-6 route add 2001:db8:5::/48 via fe80::1 dev v0")
            ip("-6 route add default via fe80::1 dev v0 table 77")
            let router = Router(interfaceIndex: index, address: "fe80::1", metric: 100)
            #expect(try routerNotices(monitor) == [.defaultRouter(router)])
            ip("-6 route replace default via fe80::2 dev v0 metric 100")
            let other = Router(interfaceIndex: index, address: "fe80::2", metric: 100)
            #expect(try routerNotices(monitor) == [.defaultRouter(other)])
            ip("-6 route del default")
            #expect(try routerNotices(monitor) == [.defaultRouterGone(other)])

            let ours = Route(
                kind: .unicast, destination: "::/0", table: 254, metric: 9, gateway: "fe80::1",
                interfaceIndex: index)
            try routes.addRoute(ours)
            try routes.removeRoute(ours)
            #expect(try routerNotices(monitor) == [])
        }
    }

    @Test func linksThatComeGoAndServeABridge() throws {
        try inFreshNamespace {
            let monitor = try openQuiet(try RouteSocket.open())
            ip("link add v0 type veth peer name v1")
            ip("link add b0 type bridge")
            let index = try #require(
                try drain(monitor).compactMap {
                    if case .link(let it) = $0, it.name == "v0" { it.index } else { nil }
                }
                .first)
            ip("link set v0 up")
            #expect(
                try drain(monitor).contains {
                    if case .link(let it) = $0 { it.index == index && it.isUp } else { false }
                })
            // Leaving a bridge is no reason to take an interface for gone.
            ip("link set v0 master b0")
            ip("link set v0 nomaster")
            #expect(try !drain(monitor).contains(.linkGone(index: index)))
            ip("link del v0")
            #expect(try drain(monitor).contains(.linkGone(index: index)))
        }
    }

    @Test func aBudgetIsKept() throws {
        try inFreshNamespace {
            let monitor = try openQuiet(try RouteSocket.open())
            for number in 1...3 { ip("-6 address add 2001:db8:f::\(number)/128 dev lo nodad") }
            letTheKernelFinish()
            var count = 0
            #expect(try monitor.drain(budget: 2) { _ in count += 1 } == .budgetSpent)
            #expect(count == 2)
            #expect(isReadable(monitor.descriptor))
            #expect(try monitor.drain(budget: 2) { _ in count += 1 } == .drained)
            #expect(count == 3)
            #expect(!isReadable(monitor.descriptor))
        }
    }

    /// A monitor that has nothing more to tell of the namespace's making.
    private func openQuiet(_ routes: RouteSocket) throws -> RouteMonitor {
        let monitor = try RouteMonitor.open(ignoringRequestsOf: routes.port)
        _ = try drain(monitor)
        return monitor
    }

    /// Addresses become ready, and are told of, by a worker of the kernel's.
    private func letTheKernelFinish() {
        usleep(100_000)
    }

    private func drain(_ monitor: RouteMonitor) throws -> [RouteNotice] {
        letTheKernelFinish()
        var notices: [RouteNotice] = []
        #expect(try monitor.drain(budget: 1_000) { notices.append($0) } == .drained)
        return notices
    }

    private func routerNotices(_ monitor: RouteMonitor) throws -> [RouteNotice] {
        try drain(monitor).filter {
            switch $0 {
            case .defaultRouter, .defaultRouterGone: true
            case .address, .addressGone, .link, .linkGone, .ruleGone, .routeGone: false
            }
        }
    }

    private func isReadable(_ descriptor: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, 0) == 1
    }
}
