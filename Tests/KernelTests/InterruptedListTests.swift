import CLibc
import Testing

@testable import Kernel
@testable import Mobility

@Suite(.enabled(if: canMakeNamespaces, "making network namespaces takes root"))
struct InterruptedListTests {
    /// Enough that the kernel sends its list in several pieces.
    private let count = 2_000

    @Test func aListThatChangesWhileItIsMadeIsAskedForAgain() throws {
        try inFreshNamespace {
            let routes = try addAddresses()
            var calls = 0
            let found = try list { address in
                calls += 1
                if calls == 1 { remove(1, routes) }
                return address.type == nil ? nil : address.address.low
            }
            // The second list was whole; the first one missed an address that had moved up.
            #expect(calls > count + 1)
            #expect(found.sorted() == Array(2...UInt64(count)))
        }
    }

    @Test func aListThatChangesEachTimeIsGivenUp() throws {
        try inFreshNamespace {
            let routes = try addAddresses()
            var calls: UInt64 = 0
            let error = #expect(throws: KernelError.self) {
                _ = try list { address in
                    calls += 1
                    if calls % 100 == 0 { remove(calls / 100, routes) }
                    return address.address.low
                }
            }
            #expect(error == KernelError(operation: .listAddresses, errno: EINTR))
            #expect(error?.description == "list addresses: Interrupted system call (EINTR)")
        }
    }

    @Test func anAddressThatComesTwiceIsListedOnce() {
        let one = ourAddress("2001:db8::1")
        var elsewhere = one
        elsewhere.interfaceIndex += 1
        #expect(RouteSocket.withoutRepetition([one, elsewhere, one]) == [one, elsewhere])
    }

    private func remove(_ number: UInt64, _ routes: RouteSocket) {
        let address = IPv6Address(high: 0x2001_0db8 << 32, low: number)
        #expect(throws: Never.self) {
            try routes.remove(address, prefixLength: 128, interfaceIndex: loopbackIndex)
        }
    }

    private func addAddresses() throws -> RouteSocket {
        let routes = try RouteSocket.open()
        for number in 1...count {
            try routes.add(ourAddress(IPv6Address(high: 0x2001_0db8 << 32, low: UInt64(number))))
        }
        return routes
    }

    /// As `RouteSocket.addresses()`, with something happening at each entry.
    private func list(_ parse: (KernelAddress) -> UInt64?) throws -> [UInt64] {
        let (routeFamily, getAddress, dump): (Int32, Int, Int32) = (0, 22, 0x300)
        let request = NetlinkRequest(getAddress, flags: dump)
        // struct ifaddrmsg: AF_INET6 and seven octets of zero.
        request.append(UInt64(AF_INET6).littleEndian)
        let socket = try RequestSocket(routeFamily, for: .openRouteSocket)
        return try socket.list(request, .listAddresses) { KernelAddress($0).flatMap(parse) }
    }
}
