import Mobility
import Testing

/// What would come of a request is what comes of it.
@Suite struct ExplainingTests {
    private func request(_ type: ContinuityType, user: UInt32 = 1000, onNet: Bool = false) -> AddressRequest {
        AddressRequest(
            id: RequestID(0), type: type, onNet: onNet,
            requester: Requester(cookie: 0, transport: 0, user: user, process: 0))
    }

    private func explain(_ world: World, _ type: ContinuityType, user: UInt32 = 1000) -> Explanation {
        world.rules.explanation(of: request(type, user: user), at: world.now)
    }

    @Test func anAddressThatIsThere() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 1)
        #expect(explain(world, .sessionLasting).outcome == .shared(address))
        #expect(explain(world, .sessionLasting).considered.isEmpty)
    }

    @Test(arguments: [ContinuityType.fixed, .sessionLasting])
    func anAddressThatWouldBeMadeIsTheOneThatIsMade(type: ContinuityType) {
        var world = World()
        let explanation = explain(world, type)
        guard case .made(let address) = explanation.outcome else {
            Issue.record("\(explanation)")
            return
        }
        #expect(explanation.considered.map(\.verdict) == [.gives(address)])
        #expect(world.rules.addressCount == 0)
        #expect(world.get(type, cookie: 1) == address)
    }

    @Test func whoIsDenied() {
        let world = World { $0.policy = Policy() }
        let explanation = explain(world, .fixed)
        #expect(explanation.outcome == .refused(.denied(rule: 2)))
        #expect(explanation.rule == 2)
        #expect(explanation.considered.isEmpty)
    }

    @Test func whoHasAsMuchAsHeMay() {
        var world = World { $0.policy = Policy([PolicyRule(name: "few", maxAddresses: 9, maxSockets: 1)]) }
        #expect(explain(world, .fixed).sockets == 0)
        _ = world.get(.sessionLasting, cookie: 1)
        let explanation = explain(world, .fixed)
        #expect(explanation.outcome == .refused(.overQuota(rule: 0)))
        #expect(explanation.sockets == 1)
        #expect(explanation.addresses == 1)
        #expect(explain(world, .fixed, user: 1001).sockets == 0)
    }

    @Test func sourcesInTheirOrder() {
        var world = World.asking(
            Source(name: "other", types: [.fixed], prefixes: ["2001:db8:b::/56"]),
            Source(
                name: "absent", types: [.sessionLasting], prefixes: ["2001:db8:c::/56"], interface: "usb0"),
            .servers(on: ["wlan0", "eth0"]))
        let considered = explain(world, .sessionLasting).considered
        #expect(considered.map(\.source) == ["other", "absent", "provider"])
        #expect(considered.map(\.verdict) == [.otherTypes, .nothing(.noNetwork), .isAsked])
        #expect(explain(world, .sessionLasting).outcome == .asked)
        // Once it was in vain, it is not asked again for a while.
        let asked = world.ask(.sessionLasting, cookie: 1).asked
        _ = world.tell(.prefixRefused(asked[0].id, .networkRefused))
        let verdicts = explain(world, .sessionLasting).considered.filter { $0.source == "provider" }
        #expect(verdicts.map(\.verdict) == [.nothing(.networkRefused), .isAsked])
    }

    @Test func nothingToBeHad() {
        let world = World { $0.sources = [] }
        #expect(explain(world, .fixed).outcome == .refused(.noSource))
        let exhausted = World { $0.sources[0].maxAddresses = 0 }
        #expect(explain(exhausted, .fixed).outcome == .refused(.exhausted))
    }

    /// Whatever the state, and whatever was asked, the answer is what was foretold.
    @Test(arguments: 0..<10)
    func theAnswerIsAsForetold(seed: UInt64) {
        var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
        func roll(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(count))
        }
        var world = World {
            $0.types.sessionLasting.share = .user
            $0.types.nonPersistent.share = .socket
            $0.sources[0].maxAddresses = 6
            $0.policy = Policy([
                PolicyRule(name: "few", users: [1000], maxAddresses: 2), PolicyRule(name: "rest"),
            ])
        }
        for cookie in 1...60 as ClosedRange<SocketCookie> {
            if roll(3) == 0 { _ = world.perform(world.tell(.socketDestroyed(SocketCookie(1 + roll(60))))) }
            let (type, user) = (ContinuityType.allCases[roll(4)], UInt32(1000 + roll(2)))
            let explanation = explain(world, type, user: user)
            let done = world.perform(world.ask(type, cookie: cookie, user: user))
            switch explanation.outcome {
            case .refused(let refusal): #expect(done.answer == .refused(refusal))
            case .shared(let address): #expect(done.grantedAddress == address)
            case .made(let address): #expect(done.planned?.address == address)
            case .asked: Issue.record("there is nobody to ask")
            }
        }
    }
}
