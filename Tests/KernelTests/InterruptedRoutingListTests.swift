import CLibc
import Testing

@testable import Kernel
@testable import Mobility

/// The kernel does not say of a list of routes or rules that it has changed while it was made.
@Suite(.enabled(if: canMakeNamespaces, "making network namespaces takes root"))
struct InterruptedRoutingListTests {
    /// Enough that the kernel sends its list in several pieces.
    private let count = 1_000

    @Test func noRuleIsMissingWhenOthersGo() throws {
        try inFreshNamespace {
            let routes = try RouteSocket.open()
            for number in 0..<count { try routes.addRule(rule(number)) }
            var calls = 0
            let found = try settledList(getRule, .listRules) { message -> Rule? in
                calls += 1
                if calls == 1 { remove(rule(0), routes) }
                return Rule(message)
            }
            #expect(calls > count * 2)
            #expect(found == (1..<count).map(rule))
        }
    }

    @Test func noRouteIsMissingWhenOthersComeAndGo() throws {
        try inFreshNamespace {
            let routes = try RouteSocket.open()
            for number in 0..<count { try routes.addRoute(route(number)) }
            var calls = 0
            let found = try settledList(getRoute, .listRoutes) { message -> Route? in
                calls += 1
                if calls == 300 { replaceEverySecond(routes) }
                return Route(message)
            }
            #expect(calls > count * 2)
            let expected = (0..<count * 2).filter { ($0 % 2 == 1) == ($0 < count) }
            #expect(Set(found) == Set(expected.map(route)))
            #expect(found.count == expected.count)
        }
    }

    @Test func aListThatNeverSettlesIsGivenUp() throws {
        try inFreshNamespace {
            let routes = try RouteSocket.open()
            for number in 0..<count { try routes.addRule(rule(number)) }
            var calls = 0
            let error = #expect(throws: KernelError.self) {
                _ = try settledList(getRule, .listRules) { message -> Rule? in
                    calls += 1
                    if calls % 400 == 0 { remove(rule(calls / 400), routes) }
                    return Rule(message)
                }
            }
            #expect(error == KernelError(operation: .listRules, errno: EINTR))
        }
    }

    @Test func aShortListIsAskedForOnce() throws {
        try inFreshNamespace {
            let routes = try RouteSocket.open()
            for number in 0..<20 { try routes.addRule(rule(number)) }
            var calls = 0
            let found = try settledList(getRule, .listRules) { message -> Rule? in
                calls += 1
                return Rule(message)
            }
            // The kernel's own two rules are among them.
            #expect(calls == 22)
            #expect(found == (0..<20).map(rule))
        }
    }

    @Test func aListThatFailsDoesNotSpoilTheNext() throws {
        try inFreshNamespace {
            let routes = try RouteSocket.open()
            try routes.add(ourAddress("2001:db8::1"))
            let socket = try RequestSocket(routeFamily, for: .openRouteSocket)
            let error = #expect(throws: KernelError.self) {
                _ = try socket.list(addressRequest(interfaceIndex: 4711), .listAddresses) {
                    KernelAddress($0)
                }
            }
            #expect(error?.errno == ENODEV)
            let found = try socket.list(addressRequest(interfaceIndex: 0), .listAddresses) {
                KernelAddress($0)
            }
            #expect(found.map(\.address).contains("2001:db8::1"))
        }
    }

    @Test func aListThatCouldNotBeReadToItsEndDoesNotSpoilTheNext() throws {
        try inFreshNamespace {
            let routes = try RouteSocket.open()
            for number in 0..<count { try routes.addRule(rule(number)) }
            let socket = try RequestSocket(routeFamily, for: .openRouteSocket)
            let request = request(getRule)
            // Two lists at once, which the kernel refuses: it has no room left to say so.
            #expect(unsafe socket.socket.send(request.header) == 0)
            guard case .messages = socket.socket.receive() else {
                Issue.record("no answer")
                return
            }
            #expect(throws: KernelError.self) { _ = try socket.settledList(request, .listRules) { Rule($0) } }
            let found = try socket.settledList(request, .listRules) { Rule($0) }
            #expect(found == (0..<count).map(rule))
        }
    }

    // MARK: What is listed

    private func rule(_ number: Int) -> Rule {
        Rule(source: prefix(number), table: 77, priority: UInt32(100 + number))
    }

    private func route(_ number: Int) -> Route {
        Route(kind: .local, destination: prefix(number), table: 254, interfaceIndex: loopbackIndex)
    }

    private func prefix(_ number: Int) -> IPv6Prefix {
        IPv6Prefix(IPv6Address(high: 0x2001_0db8 << 32 | UInt64(number), low: 0), length: 64)
    }

    private func remove(_ rule: Rule, _ routes: RouteSocket) {
        #expect(throws: Never.self) {
            try routes.removeRule(rule)
        }
    }

    private func replaceEverySecond(_ routes: RouteSocket) {
        #expect(throws: Never.self) {
            for number in stride(from: 0, to: count, by: 2) {
                try routes.removeRoute(route(number))
                try routes.addRoute(route(number + count))
            }
        }
    }

    // MARK: How it is asked for

    private let routeFamily: Int32 = 0
    private let getAddress = 22
    private let getRoute = 26
    private let getRule = 34

    private func settledList<Element: Equatable>(
        _ type: Int, _ operation: KernelError.Operation, _ parse: (NetlinkMessage) -> Element?
    ) throws -> [Element] {
        try RequestSocket(routeFamily, for: operation).settledList(request(type), operation, parse)
    }

    /// With a struct rtmsg or fib_rule_hdr: AF_INET6 and eleven octets of zero.
    private func request(_ type: Int) -> NetlinkRequest {
        let request = NetlinkRequest(type, flags: 0x300)
        request.append(UInt64(AF_INET6).littleEndian)
        request.append(UInt32(0))
        return request
    }

    /// With a struct ifaddrmsg.
    private func addressRequest(interfaceIndex: UInt32) -> NetlinkRequest {
        let request = NetlinkRequest(getAddress, flags: 0x300)
        request.append(UInt32(AF_INET6).littleEndian)
        request.append(interfaceIndex)
        return request
    }
}
