import CLibc
import OnDemandMobility
import Posix
import Testing

/// What becomes of addresses.
struct WatchTests {
    private static let replacement = IPv6Address(high: 0x2001_0db8_0000_0000, low: 9)

    private static let expected = [
        AddressEvent(.deprecated, RequestTests.address, .sessionLasting, endsIn: .seconds(60)),
        AddressEvent(
            .replaced, RequestTests.address, .sessionLasting, replacement: replacement,
            endsIn: .milliseconds(59_999)),
        AddressEvent(
            .removed, RequestTests.address, .sessionLasting, replacement: replacement, endsIn: .zero),
        AddressEvent(.restored, RequestTests.address, .sessionLasting),
    ]

    @Sendable private static func tellEverything(_ connection: borrowing Descriptor) {
        connection.send(granted(operation: 0x83))
        usleep(10_000)
        connection.send(event(1, milliseconds: 60_000))
        connection.send(event(2, milliseconds: 59_999, replacement: 9))
        usleep(10_000)
        connection.send(event(3, milliseconds: 0, replacement: 9))
        connection.send(event(4, milliseconds: .max))
    }

    @Test(arguments: Calls.allCases)
    func eventsUntilTheDaemonEnds(calls: Calls) async throws {
        let daemon = try FakeDaemon { Self.tellEverything($0) }
        let socket = ipv6Socket()
        let watch = try await calls.watch(MobilityClient(path: daemon.path), socket.number)
        #expect(daemon.asked.map(\.octets) == [octets("6f 64 6d 01 03 00 00 00 00 00 00 00 00 00 00 00")])
        #expect(watch.source == SourceAddress(RequestTests.address, .sessionLasting))
        for expected in Self.expected { #expect(try await calls.nextEvent(of: watch) == expected) }
        #expect(try await calls.nextEvent(of: watch) == nil)
        #expect(try await calls.nextEvent(of: watch) == nil, "it stays over")
    }

    @Test func aLoop() async throws {
        let daemon = try FakeDaemon { Self.tellEverything($0) }
        let socket = ipv6Socket()
        var told: [AddressEvent] = []
        for try await event in try await MobilityClient(path: daemon.path).watch(socket.number) {
            told.append(event)
        }
        #expect(told == Self.expected)
    }

    @Test func aLoopThatIsLeftEndsTheWatch() async throws {
        let daemon = try FakeDaemon { connection in
            Self.tellEverything(connection)
            connection.waitForTheEnd()
        }
        let socket = ipv6Socket()
        for try await event in try await MobilityClient(path: daemon.path).watch(socket.number)
        where event.change == .replaced { break }
        #expect(await becomes { daemon.closed == 1 })
    }

    @Test(arguments: Calls.allCases)
    func noEventInTime(calls: Calls) async throws {
        let gate = Gate()
        let daemon = try FakeDaemon { connection in
            connection.send(granted(operation: 0x83))
            gate.waitUntilOpen()
            connection.send(event(1, milliseconds: 1))
        }
        let socket = ipv6Socket()
        let watch = try await calls.watch(MobilityClient(path: daemon.path), socket.number)
        let error = await refusal { () async throws(MobilityError) in
            try await calls.nextEvent(of: watch, within: .milliseconds(20))
        }
        #expect(error == MobilityError(.failed, errno: ETIMEDOUT))
        gate.open()
        #expect(try await calls.nextEvent(of: watch)?.change == .deprecated, "the watch goes on")
    }

    @Test func aTaskThatIsCancelledLeavesTheWatch() async throws {
        let gate = Gate()
        let daemon = try FakeDaemon { connection in
            connection.send(granted(operation: 0x83))
            gate.waitUntilOpen()
            connection.send(event(1, milliseconds: 1))
        }
        let socket = ipv6Socket()
        let watch = try await MobilityClient(path: daemon.path).watch(socket.number)
        let task = Task { try await watch.nextEvent() }
        try await Task.sleep(for: .milliseconds(20))
        task.cancel()
        await #expect(throws: MobilityError(.cancelled, errno: ECANCELED)) { try await task.value }
        gate.open()
        #expect(try await watch.nextEvent(within: .seconds(5))?.change == .deprecated)
    }

    @Test(arguments: Calls.allCases)
    func aSocketThatWasGivenNothing(calls: Calls) async throws {
        let daemon = try FakeDaemon(answering: refused(operation: 0x83, status: 3, errno: ENOENT))
        let socket = ipv6Socket()
        let error = await refusal { () async throws(MobilityError) in
            try await calls.watch(MobilityClient(path: daemon.path), socket.number)
        }
        #expect(error == MobilityError(.system, errno: ENOENT))
    }

    @Test(arguments: [
        Array(event(1, milliseconds: 1)[..<47]), event(1, milliseconds: 1) + [0],
        event(1, milliseconds: 1).with(0x70, at: 0), event(0, milliseconds: 1), event(5, milliseconds: 1),
        event(1, milliseconds: 1).with(0, at: 5), event(1, milliseconds: 1).with(5, at: 5),
        event(1, milliseconds: 1).with(1, at: 6), event(1, milliseconds: 1).with(1, at: 15),
        event(2, milliseconds: 1),  // replaced by nothing
        granted(operation: 0x83),
    ])
    func whatIsNoEvent(frame: [UInt8]) async throws {
        let daemon = try FakeDaemon { connection in
            connection.send(granted(operation: 0x83))
            connection.send(frame)
            connection.send(event(4, milliseconds: .max))
        }
        let socket = ipv6Socket()
        let watch = try await MobilityClient(path: daemon.path).watch(socket.number)
        await #expect(throws: MobilityError(.failed, errno: EBADMSG)) { try await watch.nextEvent() }
        #expect(try await watch.nextEvent()?.change == .restored)
    }
}
