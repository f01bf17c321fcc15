import CLibc
import Testing

@testable import Kernel
@testable import Mobility

@Suite(.enabled(if: canMakeNamespaces, "making network namespaces takes root"))
struct SocketDiagnosisTests {
    private let ours: IPv6Address = "2001:db8::1"
    private let other: IPv6Address = "2001:db8:1::1"

    @Test func everySocketOfAnAddressIsFoundAndNoOther() throws {
        try inFreshNamespace {
            try addAddresses()
            let bound = TestSocket(SOCK_STREAM)
            #expect(bound.bind(ours) == 0)
            let datagram = TestSocket(SOCK_DGRAM)
            #expect(datagram.bind(ours) == 0)
            // From us, and to us.
            let outgoing = Connection(from: ours, to: other)
            let incoming = Connection(from: other, to: ours)
            let unbound = [TestSocket(SOCK_STREAM), TestSocket(SOCK_DGRAM)]
            let foreign = TestSocket(SOCK_DGRAM)
            #expect(foreign.bind(other) == 0)

            let found = try sockets(boundIn: IPv6Prefix(host: ours))
            let expected: [UInt64: UInt16] = [
                bound.cookie: tcp, datagram.cookie: udp, outgoing.client.cookie: tcp,
                incoming.listener.cookie: tcp, incoming.accepted.cookie: tcp,
            ]
            #expect(Dictionary(uniqueKeysWithValues: found.map { ($0.cookie, $0.transport) }) == expected)
            for socket in found {
                #expect(socket.address == ours)
                #expect(socket.user == geteuid())
                #expect(socket.inode != 0)
                #expect(!socket.isTimeWait)
            }
            withExtendedLifetime(unbound) {}
        }
    }

    @Test func aPrefixFindsThoseOfAllItsAddresses() throws {
        try inFreshNamespace {
            try addAddresses()
            let sockets = [TestSocket(SOCK_DGRAM), TestSocket(SOCK_DGRAM)]
            #expect(sockets[0].bind(ours) == 0)
            #expect(sockets[1].bind(other) == 0)
            #expect(try self.sockets(boundIn: "2001:db8::/32").count == 2)
            #expect(try self.sockets(boundIn: "2001:db8::/47").count == 2)
            #expect(try self.sockets(boundIn: "2001:db8::/48").map(\.address) == [ours])
            #expect(try self.sockets(boundIn: "2001:db8:1::/48").map(\.address) == [other])
            #expect(try self.sockets(boundIn: "2001:db8:2::/48").isEmpty)
        }
    }

    @Test func whatATCPConnectionLeavesBehindIsMarked() throws {
        try inFreshNamespace {
            try addAddresses()
            do {
                let connection = Connection(from: ours, to: other)
                // The side that closes first keeps TIME-WAIT.
                #expect(shutdown(connection.client.descriptor, Int32(SHUT_WR)) == 0)
            }
            let found = try sockets(boundIn: IPv6Prefix(host: ours))
            #expect(found.count == 1)
            #expect(found.first?.isTimeWait == true)
            #expect(found.first?.inode == 0)
        }
    }

    @Test func manySocketsAreFoundAmongMore() throws {
        try inFreshNamespace {
            try addAddresses()
            let sockets = (0..<400).map { _ in TestSocket(SOCK_DGRAM) }
            for (number, socket) in sockets.enumerated() {
                #expect(socket.bind(number % 2 == 0 ? ours : other) == 0)
            }
            let found = try self.sockets(boundIn: IPv6Prefix(host: ours))
            let expected = sockets.enumerated().filter { $0.offset % 2 == 0 }.map(\.element.cookie)
            #expect(Set(found.map(\.cookie)) == Set(expected))
        }
    }

    private let tcp = UInt16(IPPROTO_TCP)
    private let udp = UInt16(IPPROTO_UDP)

    private func addAddresses() throws {
        let routes = try RouteSocket.open()
        try routes.add(ourAddress(ours))
        try routes.add(ourAddress(other))
    }

    private func sockets(boundIn prefix: IPv6Prefix) throws -> [Kernel.FoundSocket] {
        var found: [Kernel.FoundSocket] = []
        try SocketDiagnosis.open().sockets(boundIn: prefix) { found.append($0) }
        return found
    }
}
