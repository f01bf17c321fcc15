import Testing

@testable import Mobility

@Suite("promise 6: nobody gets more addresses than policy gives him") struct QuotaTests {
    private func world(
        _ share: TypePolicy.Share = .host, addresses: Int? = nil, sockets: Int? = nil,
        types: Set<ContinuityType> = Set(ContinuityType.allCases)
    ) -> World {
        World { configuration in
            for type in ContinuityType.allCases { configuration.types[type].share = share }
            configuration.policy = Policy([
                PolicyRule(
                    name: "few", types: types, users: [1000], maxAddresses: addresses, maxSockets: sockets),
                PolicyRule(name: "rest"),
            ])
        }
    }

    private let overQuota = Answer.refused(.overQuota(rule: 0))

    @Test func socketsAreCounted() {
        var world = world(sockets: 2)
        _ = world.get(.sessionLasting, cookie: 1)
        _ = world.get(.sessionLasting, cookie: 2)
        #expect(world.ask(.sessionLasting, cookie: 3).answer == overQuota)
        // Whoever has it already may ask again.
        #expect(world.ask(.sessionLasting, cookie: 2).grantedAddress != nil)
        // Others are not bound by it.
        #expect(world.ask(.sessionLasting, cookie: 4, user: 1001).grantedAddress != nil)
    }

    @Test func aClosedSocketCountsNoMore() {
        var world = world(sockets: 1)
        _ = world.get(.sessionLasting, cookie: 1)
        #expect(world.ask(.sessionLasting, cookie: 2).answer == overQuota)
        _ = world.tell(.socketDestroyed(1))
        #expect(world.ask(.sessionLasting, cookie: 2).grantedAddress != nil)
    }

    @Test func anAddressIsCountedOnceHoweverManySocketsShareIt() {
        var world = world(addresses: 1)
        for cookie in 1...5 { _ = world.get(.sessionLasting, cookie: SocketCookie(cookie)) }
        #expect(world.ask(.nonPersistent, cookie: 6).answer == overQuota)
        for cookie in 1...5 { _ = world.tell(.socketDestroyed(SocketCookie(cookie))) }
        _ = world.get(.nonPersistent, cookie: 6)
    }

    @Test func eachSocketWithAnAddressOfItsOwnCounts() {
        var world = world(.socket, addresses: 2)
        _ = world.get(.sessionLasting, cookie: 1)
        _ = world.get(.sessionLasting, cookie: 2)
        #expect(world.ask(.sessionLasting, cookie: 3).answer == overQuota)
    }

    @Test func newPrefixesCount() {
        var world = world(addresses: 1)
        _ = world.get(.sessionLasting, cookie: 1)
        #expect(world.ask(.sessionLasting, cookie: 2, onNet: true).answer == overQuota)
    }

    @Test func onlyTypesOfTheRuleCount() {
        var world = world(addresses: 1, types: [.fixed])
        _ = world.get(.sessionLasting, cookie: 1)
        _ = world.get(.fixed, cookie: 2)
        _ = world.get(.nonPersistent, cookie: 3)
    }

    @Test func whoWaitsIsCountedAlready() {
        var world = World.withUplink(place: .interface)
        _ = world.reconfigure {
            $0.types.sessionLasting.share = .socket
            $0.policy = Policy([PolicyRule(name: "few", maxAddresses: 2, maxSockets: 3)])
        }
        #expect(world.ask(.sessionLasting, cookie: 1).answer == nil)
        #expect(world.ask(.sessionLasting, cookie: 2).answer == nil)
        #expect(world.ask(.sessionLasting, cookie: 3).answer == overQuota)
        _ = world.tell(.requestCancelled(request(2)))
        #expect(world.ask(.sessionLasting, cookie: 3).answer == nil)
    }

    @Test func aQuotaThatComesWithAReloadCountsWhatIsThere() {
        var world = World()
        _ = world.get(.sessionLasting, cookie: 1)
        _ = world.get(.sessionLasting, cookie: 2)
        _ = world.reconfigure { $0.policy = Policy([PolicyRule(name: "few", maxSockets: 2)]) }
        #expect(world.ask(.sessionLasting, cookie: 3).answer == overQuota)
        _ = world.tell(.socketDestroyed(1))
        #expect(world.ask(.sessionLasting, cookie: 3).grantedAddress != nil)
    }

    /// The books agree with a recount after anything that may happen to sockets.
    @Test(arguments: 0..<20)
    func theBooksAreRight(seed: UInt64) {
        var dice = SystemlessDice(state: seed &* 2 + 1)
        var world = world(dice.roll(2) == 0 ? .host : .socket, addresses: 3, sockets: 5)
        for step in 0..<200 {
            let cookie = SocketCookie(1 + dice.roll(12))
            let type = ContinuityType.allCases[dice.roll(3)]
            switch dice.roll(4) {
            case 0: _ = world.perform(world.tell(.socketDestroyed(cookie)))
            default:
                let user = UInt32(1000 + cookie % 2)
                _ = world.perform(world.ask(type, cookie: cookie, user: user, onNet: dice.roll(6) == 0))
            }
            for user in [UInt32(1000), 1001] { check(world, user, step) }
        }
    }

    private func check(_ world: World, _ user: UInt32, _ step: Int) {
        let own = world.rules.socketSummaries().filter { $0.user == user }
        let addresses = Set(own.map(\.address)).count
        let all = Set(ContinuityType.allCases)
        #expect(world.rules.usage?.sockets(of: user, all) == own.count, "step \(step)")
        #expect(world.rules.usage?.addresses(of: user, all) == addresses, "step \(step)")
        if user == 1000 {
            #expect(own.count <= 5, "step \(step)")
            #expect(addresses <= 3, "step \(step)")
        }
    }

    // MARK: The network

    @Test func requestsThatWaitForTheNetworkAreBoundedForEachUser() {
        var world = World {
            $0.sources = [Source(name: "net", kind: .dhcpv6, types: [.sessionLasting], uplinks: ["*"])]
        }
        _ = world.tell(.linkFound(index: 3, name: "wlan0", isUp: true))
        for cookie in 1...UInt64(Rules.networkRequestsPerUser) {
            #expect(world.ask(.sessionLasting, cookie: cookie, onNet: true).answer == nil)
        }
        #expect(
            world.ask(.sessionLasting, cookie: 1000, onNet: true).answer == .refused(.tooManyNetworkRequests))
        #expect(world.ask(.sessionLasting, cookie: 1001, user: 1001, onNet: true).answer == nil)
    }
}

/// Numbers that look drawn, and are the same each time (Knuth's multiplier).
private struct SystemlessDice {
    var state: UInt64

    mutating func roll(_ count: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(count))
    }
}
