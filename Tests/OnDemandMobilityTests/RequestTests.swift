import OnDemandMobility
import Posix
import Testing

/// What is sent, and what is made of the answers.
struct RequestTests {
    static let address = IPv6Address(high: 0x2001_0db8_0000_0000, low: 7)

    @Test(arguments: Calls.allCases)
    func theFrameOfSetscAndTheSocketWithIt(calls: Calls) async throws {
        let daemon = try FakeDaemon(answering: granted())
        let client = MobilityClient(path: daemon.path)
        let socket = ipv6Socket()
        let cookie = try socket.socketIdentity().cookie
        for type in ContinuityType.allCases {
            #expect(try await calls.setsc(client, socket.number, type) == Self.address)
        }
        #expect(try await calls.setsc(client, socket.number, .fixed, flags: .onNet) == Self.address)
        // signature, version, operation 1, type, flags, zeros
        let frames = [
            "6f 64 6d 01 01 01 00 00 00 00 00 00 00 00 00 00",
            "6f 64 6d 01 01 02 00 00 00 00 00 00 00 00 00 00",
            "6f 64 6d 01 01 03 00 00 00 00 00 00 00 00 00 00",
            "6f 64 6d 01 01 04 00 00 00 00 00 00 00 00 00 00",
            "6f 64 6d 01 01 01 00 01 00 00 00 00 00 00 00 00",
        ]
        #expect(daemon.asked == frames.map { FakeDaemon.Asked(octets: octets($0), cookie: cookie) })
    }

    @Test(arguments: Calls.allCases)
    func theFrameOfGetsc(calls: Calls) async throws {
        let daemon = try FakeDaemon(answering: granted(operation: 0x82, type: 4))
        let socket = ipv6Socket()
        let given = try await calls.getsc(MobilityClient(path: daemon.path), socket.number)
        #expect(given == SourceAddress(Self.address, .gracefulReplacement))
        #expect(daemon.asked.map(\.octets) == [octets("6f 64 6d 01 02 00 00 00 00 00 00 00 00 00 00 00")])
    }

    @Test func anAddressAsTextAndOctets() {
        #expect("\(Self.address)" == "2001:db8::7")
        #expect(Self.address.octets == octets("20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 07"))
    }

    @Test func aSocketIsBound() throws {
        let socket = ipv6Socket()
        #expect(throws: MobilityError(.system, errno: 99)) {  // EADDRNOTAVAIL
            try bindSource(socket.number, to: Self.address)
        }
        try bindSource(socket.number, to: IPv6Address(high: 0, low: 1))
        #expect(throws: MobilityError(.system, errno: 22)) {  // EINVAL: it is bound
            try bindSource(socket.number, to: IPv6Address(high: 0, low: 1))
        }
    }

    @Test(arguments: Calls.allCases)
    func nothingStaysOpen(calls: Calls) async throws {
        let daemon = try FakeDaemon(answering: granted())
        let client = MobilityClient(path: daemon.path)
        let socket = ipv6Socket()
        for _ in 0..<20 { _ = try await calls.setsc(client, socket.number) }
        #expect(await becomes { daemon.closed == 20 })
    }

    @Test func manyTasksAtOnce() async throws {
        let daemon = try FakeDaemon { connection in
            connection.send(granted())
        }
        let client = MobilityClient(path: daemon.path)
        let socket = ipv6Socket()
        let number = socket.number
        try await withThrowingTaskGroup(of: IPv6Address.self) { group in
            for _ in 0..<200 { group.addTask { try await client.setsc(number, .sessionLasting) } }
            for try await address in group { #expect(address == Self.address) }
        }
        #expect(daemon.asked.count == 200)
    }
}
