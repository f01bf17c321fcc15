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
                #expect(socket.timeWaitLeft == nil)
                #expect(socket.isDeathAnnounced)
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
            let left = try #require(found.first?.timeWaitLeft)
            #expect(left > .seconds(50) && left <= .seconds(60))
            #expect(found.first?.isDeathAnnounced == false)
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

    /// One that is ours, and one that is not, if this kernel has the kind. In a namespace of each kind's own: a program that
    /// some other test starts has copies of our sockets for a moment, which keep those of the kind before alive.
    @Test(
        arguments: [
            (SOCK_DGRAM, IPPROTO_UDPLITE), (SOCK_RAW, IPPROTO_TCP), (SOCK_RAW, IPPROTO_ICMPV6),
            (SOCK_DGRAM, IPPROTO_ICMPV6),
        ] as [(__socket_type, Int)])
    func socketsWhoseDeathIsSilentAreFound(type: __socket_type, number: Int) throws {
        try inFreshNamespace {
            try addAddresses()
            allowPingSockets()
            let diagnosis = try SocketDiagnosis.open()
            guard let socket = TestSocket(type, protocol: number),
                let foreign = TestSocket(type, protocol: number)
            else { return }
            #expect(try sockets(of: diagnosis).isEmpty)
            #expect(socket.bind(ours) == 0)
            #expect(foreign.bind(other) == 0)
            let found = try #require(try sockets(of: diagnosis).first)
            #expect(found.inode == socket.inode)
            #expect(
                [socket.cookie, Kernel.FoundSocket.standIn(forInode: socket.inode)].contains(found.cookie))
            #expect(found.transport == UInt16(number))
            #expect(found.address == ours)
            #expect(found.user == geteuid())
            #expect(!found.isDeathAnnounced)
            #expect(try sockets(of: diagnosis).count == 1)
        }
    }

    @Test func manyRawSocketsAreFound() throws {
        try inFreshNamespace {
            try addAddresses()
            let diagnosis = try SocketDiagnosis.open()
            let sockets = (0..<300).compactMap { _ in TestSocket(SOCK_RAW, protocol: IPPROTO_ICMPV6) }
            for socket in sockets { #expect(socket.bind(ours) == 0) }
            #expect(Set(try self.sockets(of: diagnosis).map(\.inode)) == Set(sockets.map(\.inode)))
        }
    }

    /// A subflow is a TCP socket with a cookie of its own, and the inode of the MPTCP socket.
    @Test func theSubflowOfAnMPTCPSocketIsFoundAndItsDeathIsAnnounced() throws {
        try inFreshNamespace {
            try addAddresses()
            let deaths = try SocketDeathMonitor.open()
            guard let found = try subflowOfAListener() else { return }
            #expect(found.isDeathAnnounced)
            var dead: [UInt64] = []
            let isTold = try eventually {
                _ = try deaths.drain(budget: 100) { dead.append($0) }
                return dead.contains(found.cookie)
            }
            #expect(isTold)
        }
    }

    /// - Returns: nil if the kernel has no MPTCP. The listener is closed.
    private func subflowOfAListener() throws -> Kernel.FoundSocket? {
        guard let socket = TestSocket(SOCK_STREAM, protocol: IPPROTO_MPTCP) else { return nil }
        #expect(socket.bind(ours) == 0)
        let bound = try sockets(boundIn: IPv6Prefix(host: ours))
        #expect(bound.map(\.inode) == [socket.inode])
        #expect(bound.first?.cookie != socket.cookie)
        socket.listen()
        #expect(try sockets(boundIn: IPv6Prefix(host: ours)) == bound)
        return bound.first
    }

    private let tcp = UInt16(IPPROTO_TCP)
    private let udp = UInt16(IPPROTO_UDP)

    private func addAddresses() throws {
        let routes = try RouteSocket.open()
        try routes.add(ourAddress(ours))
        try routes.add(ourAddress(other))
    }

    private func sockets(of diagnosis: SocketDiagnosis) throws -> [Kernel.FoundSocket] {
        var found: [Kernel.FoundSocket] = []
        try diagnosis.sockets(boundIn: IPv6Prefix(host: ours)) { found.append($0) }
        return found
    }

    /// For every group, in this network namespace.
    private func allowPingSockets() {
        #expect(unsafe system("echo 0 4294967294 > /proc/sys/net/ipv4/ping_group_range") == 0)
    }

    private func sockets(boundIn prefix: IPv6Prefix) throws -> [Kernel.FoundSocket] {
        var found: [Kernel.FoundSocket] = []
        try SocketDiagnosis.open().sockets(boundIn: prefix) { found.append($0) }
        return found
    }
}
