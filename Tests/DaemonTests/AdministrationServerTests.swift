import EventLoop
import Mobility
import Posix
import Testing

@testable import Daemon

/// The server with real sockets.
@Suite struct AdministrationServerTests {
    static let reload = RawClient.Outcome.message(#"{"parameters":{}}"#)

    private static func isStatus(_ outcome: RawClient.Outcome) -> Bool {
        guard case .message(let text) = outcome else { return false }
        return text.hasPrefix(#"{"parameters":{"addresses":"#)
    }

    @Test func pipelinedCallsAreAnsweredInOrder() throws {
        let served = try ServedAdministration()
        var client = try RawClient(served.path)
        for _ in 0..<200 {
            try client.call("Reload")
            try client.call("Reload", more: #","oneway":true"#)
            try client.call("Nothing")
        }
        for _ in 0..<200 {
            #expect(client.receive() == Self.reload)
            guard case .message(let error) = client.receive() else { return }
            #expect(error.hasPrefix(#"{"error":"org.varlink.service.MethodNotFound""#))
        }
        #expect(client.receive(within: 0) == .nothing)
        served.stop()
        #expect(served.journal.all.count == 400)
    }

    @Test func aCallMayComeOctetByOctet() throws {
        let served = try ServedAdministration()
        var client = try RawClient(served.path)
        for octet in #"{"method":"org.odmd.Manager.Reload"}"#.utf8 { try client.send([octet]) }
        #expect(client.receive(within: 0.05) == .nothing)
        try client.send([0])
        #expect(client.receive() == Self.reload)
    }

    @Test func aClientThatStopsWritingIsAnswered() throws {
        let served = try ServedAdministration()
        var client = try RawClient(served.path)
        try client.call("Reload")
        try client.call("Reload")
        client.endWriting()
        #expect(client.receive() == Self.reload)
        #expect(client.receive() == Self.reload)
        #expect(client.receive() == .closed)
    }

    @Test func onewayCallsOfAClientThatLeavesAreDone() throws {
        let served = try ServedAdministration()
        do {
            let client = try RawClient(served.path)
            try client.call("ReleaseAll", more: #","oneway":true"#)
            try client.call("Reload", more: #","oneway":true"#)
        }
        var other = try RawClient(served.path)
        for _ in 0..<3 {
            try other.call("Status")
            #expect(Self.isStatus(other.receive()))
        }
        served.stop()
        #expect(served.journal.all == ["release all", "reload"])
    }

    // MARK: Acquire

    @Test func anAnswerMayComeLater() throws {
        let served = try ServedAdministration(prepare: Self.answerAfter(50_000))
        var client = try RawClient(served.path)
        var other = try RawClient(served.path)
        try client.call("Acquire", #"{"type":"fixed"}"#)
        try client.call("Reload")
        try other.call("Reload")
        #expect(other.receive() == Self.reload)
        #expect(
            client.receive()
                == .message(#"{"parameters":{"address":"2001:db8::9","needs_free_bind":false}}"#))
        #expect(client.receive() == Self.reload)
    }

    @Test func aClientThatLeavesGivesItsHoldBack() throws {
        let served = try ServedAdministration(prepare: Self.answerAfter(50_000))
        do {
            let client = try RawClient(served.path)
            try client.call("Acquire", #"{"type":"fixed"}"#)
        }
        var other = try RawClient(served.path)
        #expect(other.receive(within: 0.3) == .nothing)
        served.stop()
        #expect(served.journal.all == ["acquire fixed", "release 2001:db8::9"])
    }

    @Test func aOnewayHoldStays() throws {
        let served = try ServedAdministration(prepare: Self.answerAfter(50_000))
        do {
            let client = try RawClient(served.path)
            try client.call("Acquire", #"{"type":"fixed"}"#, more: #","oneway":true"#)
        }
        var other = try RawClient(served.path)
        #expect(other.receive(within: 0.3) == .nothing)
        served.stop()
        #expect(served.journal.all == ["acquire fixed"])
    }

    /// Makes Acquire succeed some time after the call.
    private static func answerAfter(
        _ microseconds: UInt64
    ) -> @Sendable (FakeDelegate, EventLoop) throws -> Void {
        { delegate, loop in
            let timer = try loop.timer { [unowned delegate] in
                delegate.waiting.removeFirst()(.granted(Grant(address: "2001:db8::9", type: .fixed)))
            }
            delegate.onAcquire = { timer.arm(at: loop.now + microseconds) }
        }
    }

    // MARK: Monitor

    private static let event = RawClient.Outcome.message(
        String(decoding: VarlinkReply.message(of: .sample).dropLast(), as: UTF8.self))

    /// Has so many events happen, again and again.
    private static func happening(_ count: Int) -> @Sendable (FakeDelegate, EventLoop) throws -> Void {
        { delegate, loop in try delegate.haveHappen(count, on: loop) }
    }

    @Test func eventsReachThoseWhoMonitor() throws {
        let served = try ServedAdministration(prepare: Self.happening(3))
        var first = try RawClient(served.path)
        var second = try RawClient(served.path)
        var other = try RawClient(served.path)
        try first.call("Monitor", more: #","more":true"#)
        try second.call("Monitor", more: #","more":true"#)
        for _ in 0..<100 {
            #expect(first.receive() == Self.event)
            #expect(second.receive() == Self.event)
        }
        #expect(other.receive(within: 0.05) == .nothing)
        try other.call("Reload")
        #expect(other.receive() == Self.reload)
    }

    @Test func aMonitorThatDoesNotReadIsLetGo() throws {
        let served = try ServedAdministration(prepare: Self.happening(20))
        var stuck = try RawClient(served.path)
        var monitor = try RawClient(served.path)
        try stuck.call("Monitor", more: #","more":true"#)
        try monitor.call("Monitor", more: #","more":true"#)
        for _ in 0..<3_000 where monitor.receive() != Self.event { Issue.record("the other was delayed") }
        // What the kernel has is still there, the last message perhaps cut off.
        var count = 0
        while stuck.receive() == Self.event { count += 1 }
        #expect(count > 100 && count < 3_000)
        #expect(stuck.receive() == .closed)
    }

    @Test func placesOfMonitorsThatLeaveAreFree() throws {
        let served = try ServedAdministration(limits: AdministrationLimits(clients: 2))
        for _ in 0..<20 {
            let monitor = try RawClient(served.path)
            try? monitor.call("Monitor", more: #","more":true"#)
            monitor.endWriting()
        }
        var other = try RawClient(served.path)
        var isServed = false
        for _ in 0..<100 where !isServed {
            other = try RawClient(served.path)
            try? other.call("Reload")
            isServed = other.receive() == Self.reload
        }
        #expect(isServed)
    }

    @Test func aOnewayMonitorHearsNothing() throws {
        let served = try ServedAdministration(prepare: Self.happening(1))
        var client = try RawClient(served.path)
        try client.call("Monitor", more: #","more":true,"oneway":true"#)
        try client.call("Reload")
        #expect(client.receive() == Self.reload)
        #expect(client.receive(within: 0.1) == .nothing)
    }

    @Test func theEndOfTheServerEndsMonitors() throws {
        let served = try ServedAdministration(prepare: Self.happening(1))
        var monitor = try RawClient(served.path)
        try monitor.call("Monitor", more: #","more":true"#)
        #expect(monitor.receive() == Self.event)
        served.stop()
        while monitor.receive(within: 1) == Self.event {}
        #expect(monitor.receive() == .closed)
    }

    // MARK: Clients that are slow, many or hostile

    @Test func halfACallIsNotWaitedForLong() throws {
        let served = try ServedAdministration(limits: AdministrationLimits(microsecondsForMessage: 100_000))
        var idle = try RawClient(served.path)
        var slow = try RawClient(served.path)
        var trickling = try RawClient(served.path)
        try slow.send("{")
        try trickling.send("{")
        var sends = 0
        while trickling.receive(within: 0.02) == .nothing, sends < 100 {
            try? trickling.send(" ")
            sends += 1
        }
        #expect(sends < 100)
        #expect(slow.receive() == .closed)
        try idle.call("Reload")
        #expect(idle.receive() == Self.reload, "who is between calls may take his time")
    }

    @Test func aClientThatDoesNotReadIsGivenUp() throws {
        let limits = AdministrationLimits(microsecondsForPiece: 200_000)
        let served = try ServedAdministration(limits: limits, prepare: Self.fill)
        var lazy = try RawClient(served.path)
        try lazy.call("ListSockets")
        var other = try RawClient(served.path)
        try other.call("Reload")
        #expect(other.receive() == Self.reload)
        #expect(other.receive(within: 0.5) == .nothing)
        #expect(lazy.receive() == .closed)
    }

    @Test func aLongListComesWholeAndDelaysNobody() throws {
        let served = try ServedAdministration(prepare: Self.fill)
        var reader = try RawClient(served.path)
        var other = try RawClient(served.path)
        try reader.call("ListSockets")
        for _ in 0..<20 {
            try other.call("Reload")
            #expect(other.receive() == Self.reload)
        }
        guard case .message(let list) = reader.receive() else {
            Issue.record("no list")
            return
        }
        #expect(list.count { $0 == "{" } == Self.manySockets + 2)
        #expect(list.hasSuffix(#""user":0}]}}"#))
    }

    static let manySockets = 20_000

    @Sendable private static func fill(_ delegate: FakeDelegate, _ loop: EventLoop) {
        delegate.addSamples()
        delegate.sockets = Array(repeating: delegate.sockets[0], count: manySockets)
    }

    @Test func oneClientTooManyIsTurnedAway() throws {
        let served = try ServedAdministration(limits: AdministrationLimits(clients: 2))
        var first = try RawClient(served.path)
        do {
            var second = try RawClient(served.path)
            try second.call("Reload")
            #expect(second.receive() == Self.reload)
            var third = try RawClient(served.path)
            #expect(third.receive() == .closed)
        }
        try first.call("Reload")
        #expect(first.receive() == Self.reload)
        var fourth = try RawClient(served.path)
        try fourth.call("Reload")
        #expect(fourth.receive() == Self.reload, "the place of the second is free again")
    }

    @Test func tenThousandBadMessages() throws {
        let served = try ServedAdministration()
        let garbage = VarlinkConnectionTests.garbage
        for round in 0..<10_000 {
            var client = try RawClient(served.path)
            try? client.send(garbage[round % garbage.count] + [0])
            if client.receive() != .closed { Issue.record("garbage was answered") }
        }
        var client = try RawClient(served.path)
        try client.call("Status")
        #expect(Self.isStatus(client.receive()))
    }

    @Test func aSecondServerDoesNotTakeTheSocket() throws {
        let served = try ServedAdministration()
        let loop = try EventLoop()
        #expect(throws: (any Error).self) {
            try AdministrationServer(
                listener: .open(served.path, .stream, mode: 0o666), on: loop,
                log: Log(program: "test", level: .error), delegate: FakeDelegate())
        }
        var client = try RawClient(served.path)
        try client.call("Reload")
        #expect(client.receive() == Self.reload)
    }
}
