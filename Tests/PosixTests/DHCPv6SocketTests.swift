import CLibc
import Posix
import Testing

/// A client's socket on one end of a link, a server and other programs around it.
@Suite("DHCPv6 socket", .enabled(if: canMakeNamespaces, "making network namespaces takes root"))
struct DHCPv6SocketTests {
    private static let question: [UInt8] = [1, 0xab, 0xcd, 0xef]
    private static let answer: [UInt8] = [7, 0xab, 0xcd, 0xef, 0, 14, 0, 0]

    /// A server that hears what clients send to all servers.
    private static func server(_ link: DHCPv6Link, port: UInt16 = 547) -> OtherSocket {
        let server = OtherSocket()
        precondition(server.bind("::", port, on: 0) == 0)
        server.join(on: link.server)
        return server
    }

    /// What comes within half a second; nil if nothing does.
    private static func receive(_ socket: borrowing DHCPv6Socket, within milliseconds: Int32 = 500) throws
        -> [UInt8]?
    {
        var request = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
        unsafe poll(&request, 1, milliseconds)
        var buffer = [UInt8](repeating: 0, count: DHCPv6Socket.maxMessageOctets)
        return try socket.receive(into: &buffer).map { Array(buffer.prefix($0)) }
    }

    @Test func aQuestionIsHeardAndAnswered() throws {
        let (heard, received, then) = try DHCPv6Link.with(["fe80::a/64", "2001:db8::a/64"]) { link in
            let server = Self.server(link)
            var socket = try DHCPv6Socket.open(interfaceIndex: link.client)
            try socket.send(Self.question)
            let heard = server.receive()
            _ = server.send(Self.answer, to: "fe80::a", 546, on: link.server)
            return (heard, try Self.receive(socket), try Self.receive(socket, within: 0))
        }
        #expect(heard?.octets == Self.question)
        #expect(heard?.port == 546)
        #expect(received == Self.answer)
        #expect(then == nil)
    }

    @Test func theLongestMessageComesWhole() throws {
        let longest = (0..<60_000).map { UInt8(truncatingIfNeeded: $0) }
        let (heard, received) = try DHCPv6Link.with { link in
            let server = Self.server(link)
            var socket = try DHCPv6Socket.open(interfaceIndex: link.client)
            try socket.send(longest)
            let heard = server.receive()
            _ = server.send(longest, to: "fe80::a", 546, on: link.server)
            return (heard, try Self.receive(socket))
        }
        #expect(heard?.octets == longest)
        #expect(received == longest)
    }

    @Test(arguments: [(548, 546), (547, 545)] as [(UInt16, UInt16)])
    func otherPortsAreNotHeard(source: UInt16, destination: UInt16) throws {
        let received = try DHCPv6Link.with { link in
            let server = Self.server(link, port: source)
            let socket = try DHCPv6Socket.open(interfaceIndex: link.client)
            _ = server.send(Self.answer, to: "fe80::a", destination, on: link.server)
            return try Self.receive(socket, within: 200)
        }
        #expect(received == nil)
    }

    @Test func otherInterfacesAreNotHeard() throws {
        let received = try DHCPv6Link.with { link in
            let server = Self.server(link)
            let socket = try DHCPv6Socket.open(interfaceIndex: link.server)
            _ = server.send(Self.answer, to: "fe80::a", 546, on: link.server)
            return try Self.receive(socket, within: 200)
        }
        #expect(received == nil)
    }

    @Test(arguments: [(0, 0), (7, 0), (8, 0), (10, 2), (12, 4), (13, 0), (65_535, 0)] as [(UInt16, Int)])
    func aDatagramHasTheLengthThatItSaysIfItCan(length: UInt16, octets: Int) throws {
        let received = try DHCPv6Link.with { link in
            let socket = try DHCPv6Socket.open(interfaceIndex: link.client)
            Self.sendRaw(length: length, Self.question, on: link.server)
            return try Self.receive(socket)
        }
        #expect(received == Array(Self.question.prefix(octets)))
    }

    /// A datagram with any length in its UDP header.
    private static func sendRaw(length: UInt16, _ octets: [UInt8], on interface: UInt32) {
        let descriptor = socket(
            AF_INET6, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), Int32(IPPROTO_UDP))
        defer { close(descriptor) }
        var offset: Int32 = 6
        unsafe setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_CHECKSUM, &offset, 4)
        let header = [547, 546, length, 0].flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
        let sent = OtherSocket.send(header + octets, by: descriptor, to: "fe80::a", 0, on: interface)
        precondition(sent == 0, "send a datagram: errno \(sent)")
    }

    // MARK: Other clients of the host

    @Test(arguments: ["fe80::a", "::"]) func aClientThatWasThereBeforeHearsItsAnswers(address: String) throws
    {
        let (theirs, ours) = try DHCPv6Link.with { link in
            let server = Self.server(link)
            let client = OtherSocket()
            precondition(client.bind(address, 546, on: address == "::" ? 0 : link.client) == 0)
            var socket = try DHCPv6Socket.open(interfaceIndex: link.client)
            try socket.send(Self.question)
            _ = server.send(Self.answer, to: "fe80::a", 546, on: link.server)
            return (client.receive(), try Self.receive(socket))
        }
        #expect(theirs?.octets == Self.answer)
        #expect(ours == Self.answer)
    }

    @Test(arguments: ["fe80::a", "::"]) func aClientThatComesLaterHearsItsAnswers(address: String) throws {
        let (bound, theirs, ours) = try DHCPv6Link.with { link in
            let server = Self.server(link)
            var socket = try DHCPv6Socket.open(interfaceIndex: link.client)
            try socket.send(Self.question)
            let client = OtherSocket(isShared: true)
            let bound = client.bind(address, 546, on: address == "::" ? 0 : link.client)
            _ = server.send(Self.answer, to: "fe80::a", 546, on: link.server)
            return (bound, client.receive(), try Self.receive(socket))
        }
        #expect(bound == 0)
        #expect(theirs?.octets == Self.answer)
        #expect(ours == Self.answer)
    }

    /// A connected socket is told when nobody listens at the other end.
    @Test(arguments: [true, false], [true, false])
    func answersAreNotRefusedWhileTheyAreAwaited(isAwaited: Bool, isClientElsewhere: Bool) throws {
        let error = try DHCPv6Link.with { link in
            let server = Self.server(link)
            let elsewhere = OtherSocket(isShared: true)
            if isClientElsewhere { precondition(elsewhere.bind("::1", 546, on: 0) == 0) }
            var socket = try DHCPv6Socket.open(interfaceIndex: link.client)
            if isAwaited { try socket.send(Self.question) }
            precondition(server.connect("fe80::a", 546, on: link.server) == 0)
            _ = server.send(Self.answer, to: "fe80::a", 546, on: link.server)
            _ = try Self.receive(socket)
            usleep(50_000)
            return server.error()
        }
        #expect(error == (isAwaited ? 0 : ECONNREFUSED))
    }

    // MARK: Links that are not ready

    @Test(arguments: [[], ["2001:db8::a/64"]]) func withoutALinkLocalAddressNothingIsSent(addresses: [String])
        throws
    {
        let (failure, later) = try DHCPv6Link.with(addresses) { link in
            var socket = try DHCPv6Socket.open(interfaceIndex: link.client)
            let failure = Self.failure(sendingBy: &socket)
            DHCPv6Link.ip("addr add fe80::a/64 dev va nodad")
            return (failure, Self.failure(sendingBy: &socket))
        }
        #expect(failure?.errno == EADDRNOTAVAIL)
        #expect(later == nil)
    }

    @Test func aTentativeAddressIsNone() throws {
        let failure = try DHCPv6Link.with([]) { link in
            DHCPv6Link.ip("addr add fe80::a/64 dev va")
            var socket = try DHCPv6Socket.open(interfaceIndex: link.client)
            return Self.failure(sendingBy: &socket)
        }
        #expect(failure?.errno == EADDRNOTAVAIL)
    }

    @Test func aLinkThatIsDownIsUnreachable() throws {
        let failure = try DHCPv6Link.with { link in
            DHCPv6Link.ip("link set va down")
            var socket = try DHCPv6Socket.open(interfaceIndex: link.client)
            return Self.failure(sendingBy: &socket)
        }
        #expect(failure?.errno == ENETUNREACH)
    }

    @Test func anInterfaceThatIsGoneIsUnreachable() throws {
        let failure = try DHCPv6Link.with { link in
            var socket = try DHCPv6Socket.open(interfaceIndex: link.client)
            DHCPv6Link.ip("link del va")
            return Self.failure(sendingBy: &socket)
        }
        #expect(failure?.errno == ENETUNREACH)
    }

    @Test func aMessageThatIsTooLong() throws {
        let failure = try DHCPv6Link.with { link in
            var socket = try DHCPv6Socket.open(interfaceIndex: link.client)
            return Self.failure(
                sendingBy: &socket, [UInt8](repeating: 0, count: DHCPv6Socket.maxMessageOctets + 1))
        }
        #expect(failure?.errno == EMSGSIZE)
    }

    private static func failure(
        sendingBy socket: inout DHCPv6Socket, _ octets: [UInt8] = question
    ) -> SystemError? {
        do throws(SystemError) {
            try socket.send(octets)
            return nil
        } catch { return error }
    }
}
