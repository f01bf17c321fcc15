import CLibc
import Mobility
import Posix
import Testing

@testable import Daemon
@testable import EventLoop

/// What rules and kernel would say, and the receivers that the daemon would call.
private final class FakeWatchedDaemon: WatchedDaemon {
    var now = Instant(microseconds: 5_000_000)
    var kept: [SocketCookie: Set<IPv6Address>] = [:]
    var past: [SocketCookie: AddressEvent] = [:]
    private(set) var tell: (AddressEvent) -> Void = { _ in }
    private(set) var ended: ((SocketCookie?) -> Void)?

    func onAddressEvent(_ body: @escaping (AddressEvent) -> Void) { tell = body }
    func onSocketEnd(_ body: ((SocketCookie?) -> Void)?) { ended = body }
    func addressEvent(forSocket cookie: SocketCookie) -> AddressEvent? { past[cookie] }
    func keeps(_ cookie: SocketCookie, address: IPv6Address) -> Bool {
        kept[cookie]?.contains(address) == true
    }
    func isGranted(_ cookie: SocketCookie) -> Bool { kept[cookie] != nil }
}

@Suite struct WatchersTests {
    private let daemon = FakeWatchedDaemon()
    private let sessions: SessionTable
    private let watchers: Watchers

    private static let deprecation = AddressEvent(
        .deprecated, of: "2001:db8::1", type: .gracefulReplacement, end: Instant(microseconds: 65_000_000))

    init() throws {
        sessions = try SessionTable(loop: try EventLoop())
        watchers = Watchers(of: daemon, in: sessions)
        daemon.kept = [7: ["2001:db8::1", "2001:db8::2"], 8: ["2001:db8::2"], 9: ["2001:db8::3"]]
    }

    /// A client that has been answered.
    private func watch(_ cookie: SocketCookie, user: UInt32 = 0) throws -> LocalPair {
        let pair = LocalPair()
        let session = Session(pair.server.take()!, user: user, state: .watching(cookie))
        try sessions.add(session) { _ in }
        watchers.add(session, cookie)
        return pair
    }

    /// Those that the table of sessions has.
    private var sessionCount: Int { sessions.count }

    // MARK: Events

    @Test func anEventIsTheseOctets() throws {
        let client = try watch(7)
        daemon.tell(Self.deprecation)
        #expect(
            client.receive()
                == .packet([
                    0x6f, 0x64, 0x6d, 0x01,  // "odm", version 1
                    0x01, 0x04, 0x00, 0x00,  // deprecated, graceful-replacement
                    0x00, 0x00, 0xea, 0x60, 0x00, 0x00, 0x00, 0x00,  // 60 seconds
                    0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01,  // address
                    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  // no replacement
                ]))
        #expect(client.receive() == .nothing)
    }

    @Test func eachHearsOfTheAddressesOfItsSocket() throws {
        let (seven, again, eight, nine) = (try watch(7), try watch(7), try watch(8), try watch(9))
        daemon.tell(AddressEvent(.restored, of: "2001:db8::2", type: .sessionLasting))
        #expect(Self.what(seven.receive()) == 4)
        #expect(Self.what(again.receive()) == 4)
        #expect(Self.what(eight.receive()) == 4)
        #expect(nine.receive() == .nothing)
        daemon.tell(AddressEvent(.removed, of: "2001:db8::1", type: .fixed, end: daemon.now))
        #expect(Self.what(seven.receive()) == 3)
        #expect(eight.receive() == .nothing)
    }

    @Test func whatHasHappenedIsToldFirst() throws {
        daemon.past[8] = AddressEvent(
            .replaced, of: "2001:db8::2", type: .nonPersistent, replacement: "2001:db8::5", end: daemon.now)
        let client = try watch(8)
        guard case .packet(let octets) = client.receive() else {
            Issue.record("nothing was told")
            return
        }
        #expect(octets[4] == 2)
        #expect(octets[8..<12] == [0, 0, 0, 0], "the end is now")
        #expect(octets[47] == 5)
        #expect(client.receive() == .nothing)
    }

    @Test(
        arguments: [
            (nil, [0xff, 0xff, 0xff, 0xff]), (1, [0, 0, 0, 0]), (5_001_999, [0, 0, 0, 1]),
            (5_000_000 + 4_294_967_294_000, [0xff, 0xff, 0xff, 0xfe]),
            (UInt64.max, [0xff, 0xff, 0xff, 0xfe]),
        ] as [(UInt64?, [UInt8])])
    func anEndIsNeverTakenForNone(end: UInt64?, octets: [UInt8]) throws {
        let client = try watch(9)
        let end = end.map(Instant.init(microseconds:))
        daemon.tell(AddressEvent(.deprecated, of: "2001:db8::3", type: .fixed, end: end))
        guard case .packet(let frame) = client.receive() else {
            Issue.record("nothing was told")
            return
        }
        #expect(Array(frame[8..<12]) == octets)
    }

    // MARK: Ends

    @Test func aStuckReaderIsLetGoAndDelaysNobody() throws {
        let stuck = try watch(7)
        let reader = try watch(7)
        var told = 0
        while told < 100_000, sessionCount > 1 {
            daemon.tell(Self.deprecation)
            told += 1
            #expect(Self.what(reader.receive()) == 1)
        }
        #expect(told < 100_000)
        // What it was sent before is still there to be read, and then the end.
        for _ in 1..<told { #expect(Self.what(stuck.receive()) == 1) }
        #expect(stuck.receive() == .end)
        daemon.tell(Self.deprecation)
        #expect(Self.what(reader.receive()) == 1)
    }

    @Test func aClientThatHasGoneIsForgotten() throws {
        let client = try watch(7)
        client.closeClient()
        daemon.tell(Self.deprecation)
        #expect(sessionCount == 0)
        #expect(daemon.ended == nil)
    }

    @Test func aWatchEndsWithItsSocket() throws {
        let (seven, again, eight) = (try watch(7), try watch(7), try watch(8))
        daemon.ended?(7)
        #expect(seven.receive() == .nothing, "it is still there")
        daemon.kept[7] = nil
        daemon.ended?(8)
        #expect(seven.receive() == .nothing, "somebody else's end")
        daemon.ended?(7)
        #expect(seven.receive() == .end)
        #expect(again.receive() == .end)
        #expect(eight.receive() == .nothing)
        #expect(sessionCount == 1)
    }

    @Test func aWatchEndsWhenAnySocketMayHaveEnded() throws {
        let (seven, eight) = (try watch(7), try watch(8))
        daemon.kept[8] = nil
        daemon.ended?(nil)
        #expect(seven.receive() == .nothing)
        #expect(eight.receive() == .end)
    }

    @Test func nobodyAsksForEndsUnlessSomebodyWatches() throws {
        #expect(daemon.ended == nil)
        let client = try watch(7)
        #expect(daemon.ended != nil)
        daemon.kept[7] = nil
        daemon.ended?(7)
        #expect(client.receive() == .end)
        #expect(daemon.ended == nil)
    }

    @Test func watchesCountAmongTheSessions() throws {
        for user in 0..<4 as Range<UInt32> {
            for _ in 0..<SessionTable.mostWatchingOfOneUser { _ = try watch(7, user: user) }
            #expect(refusal { _ = try watch(7, user: user) } == (user < 3 ? EDQUOT : EBUSY))
        }
        #expect(refusal { _ = try watch(7, user: 4) } == EBUSY)
        #expect(sessionCount == SessionTable.mostWatching)
        daemon.tell(Self.deprecation)
        #expect(sessionCount == 0, "all have gone")
        let client = try watch(7, user: 0)
        daemon.tell(Self.deprecation)
        #expect(Self.what(client.receive()) == 1)
    }

    @Test func aQuarterOfTheSessionsIsNotForWatches() throws {
        for _ in 0..<SessionTable.mostWatchingOfOneUser { _ = try watch(7, user: 5) }
        var pair = LocalPair()
        let sending = Session(pair.server.take()!, user: 5, state: .sending)
        try sessions.add(sending) { _ in }
        #expect(refusal { try sessions.watch(sending, 7) } == EDQUOT)
        #expect(sending.state == .sending)
        for number in 1..<(SessionTable.mostOfOneUser - SessionTable.mostWatchingOfOneUser) {
            pair = LocalPair()
            let request = RequestID(UInt64(number))
            try sessions.add(Session(pair.server.take()!, user: 5, state: .waiting(request))) { _ in }
        }
        pair = LocalPair()
        #expect(
            refusal { try sessions.add(Session(pair.server.take()!, user: 5, state: .sending)) { _ in } }
                == EDQUOT)
    }

    /// The errno of what is refused; nil if it is not.
    private func refusal(_ body: () throws -> Void) -> Int32? {
        do {
            try body()
            return nil
        } catch {
            return (error as? Misrequest)?.errno
        }
    }

    @Test func theEndOfTheServerEndsWatches() throws {
        let client = try watch(7)
        watchers.close()
        sessions.close()
        #expect(client.receive() == .end)
        #expect(daemon.ended == nil)
        daemon.tell(Self.deprecation)
    }

    private static func what(_ received: LocalPair.Received) -> UInt8? {
        guard case .packet(let octets) = received, octets.count == 48 else { return nil }
        return octets[4]
    }
}
