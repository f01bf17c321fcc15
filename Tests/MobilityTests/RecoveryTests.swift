import Mobility
import Testing

/// A daemon that finds what an earlier one left, and one that is given a new configuration.
@Suite struct RecoveryTests {
    private let found: IPv6Address = "2001:db8:a:1::7"

    private func adopted(_ users: [FoundSocket] = []) -> (World, [Action]) {
        var world = World()
        let event = Event.addressFound(FoundAddress(address: found, type: .sessionLasting, interfaceIndex: 1))
        let done = world.perform(world.tell(event) + world.tell(.recovered), users: users)
        return (world, done)
    }

    @Test func promise1_anAddressFromAnEarlierRunStaysWhileSocketsAreBoundToIt() {
        var (world, actions) = adopted([FoundSocket(cookie: 5, address: found, transport: 17, user: 0)])
        // Deaths are followed before anybody is counted.
        #expect(
            actions == [
                .addRouting(.localRoute("2001:db8:a::/56")), .followSocketDeaths, .findSockets(.everything),
                .addRouting(.localRoute("2001:db8:a::/56")),
            ])
        #expect(world.state(found) == .active)
        #expect(!world.perform(world.pass(.seconds(1000))).removes(found))
        _ = world.tell(.socketDestroyed(5))
        #expect(world.perform(world.pass(.seconds(30))).removes(found))
    }

    @Test func promise2_anAddressFromAnEarlierRunThatNobodyUsesGoesAfterItsLingerTime() {
        var (world, _) = adopted()
        #expect(!world.perform(world.pass(.seconds(29))).removes(found))
        #expect(world.perform(world.pass(.seconds(1))).removes(found))
    }

    @Test func anAddressWhoseDetectionGoesOnIsNotGivenBeforeItEnds() {
        var world = World()
        _ = world.perform(
            world.tell(
                .addressFound(
                    FoundAddress(address: found, type: .sessionLasting, interfaceIndex: 1, isUsable: false))))
        _ = world.perform(world.tell(.recovered))
        #expect(world.ask(.sessionLasting, cookie: 9).answer == nil)
        #expect(world.tell(.addressUsable(found)).grantedAddress == found)
    }

    @Test func anAddressThatIsTakenAwayWhileItIsMadeIsRefused() throws {
        var world = World()
        let address = try #require(world.ask(.sessionLasting, cookie: 1).planned).address
        #expect(world.tell(.addressLost(address)).answer == .refused(.noNetwork))
        #expect(world.rules.addressCount == 0)
    }

    @Test func anAdoptedAddressIsGivenToTheNextWhoAsks() {
        var (world, _) = adopted()
        #expect(world.get(.sessionLasting, cookie: 9) == found)
    }

    @Test func theFixedAddressIsFoundAgainNotMadeAgain() {
        var before = World()
        let fixed = before.get(.fixed, cookie: 1)
        var after = World()
        _ = after.perform(
            after.tell(.addressFound(FoundAddress(address: fixed, type: .fixed, interfaceIndex: 1)))
                + after.tell(.recovered))
        #expect(after.get(.fixed, cookie: 2) == fixed)
        #expect(after.rules.addressCount == 1)
    }

    @Test func promise3_routingOfAnEarlierRunIsRemovedUnlessItIsNeeded() {
        var world = World { $0.sources[0].interface = "wlan0" }
        _ = world.tell(.linkFound(index: 3, name: "wlan0", isUp: true))
        var done: [Action] = []
        for (prefix, uplink) in [("2001:db8:a::/56", 3), ("2001:db8:b::/56", 3), ("2001:db8:a::/56", 4)] {
            let rule = OwnRouting.rule(IPv6Prefix(stringLiteral: prefix), uplink: UInt32(uplink))
            done += world.tell(.routingFound(rule))
            done += world.tell(.routingFound(.table(uplink: UInt32(uplink))))
        }
        done += world.tell(.routingFound(.linkRoute("2001:db8:b::/56", uplink: 3)))
        done += world.tell(.routingFound(.localRoute("2001:db8:b::/56")))
        done += world.tell(
            .addressFound(FoundAddress(address: found, type: .sessionLasting, interfaceIndex: 1)))
        done = world.perform(done + world.tell(.recovered))
        let removed = done.compactMap { action -> OwnRouting? in
            guard case .removeRouting(let routing) = action else { return nil }
            return routing
        }
        #expect(
            removed == [
                .rule("2001:db8:a::/56", uplink: 4), .rule("2001:db8:b::/56", uplink: 3),
                .linkRoute("2001:db8:b::/56", uplink: 3), .localRoute("2001:db8:b::/56"), .table(uplink: 4),
            ])
    }

    @Test func routingThatAnEarlierRunDidNotFinishIsFinished() {
        var world = World { $0.sources[0].interface = "wlan0" }
        _ = world.tell(.linkFound(index: 3, name: "wlan0", isUp: true))
        _ = world.tell(.routingFound(.rule("2001:db8:a::/56", uplink: 3)))
        let event = Event.addressFound(FoundAddress(address: found, type: .sessionLasting, interfaceIndex: 1))
        let done = world.perform(world.tell(event) + world.tell(.recovered))
        #expect(
            done.suffix(4) == [
                .addRouting(.localRoute("2001:db8:a::/56")), .addRouting(.table(uplink: 3)),
                .setRouter(uplink: 3, nil), .addRouting(.rule("2001:db8:a::/56", uplink: 3)),
            ])
    }

    @Test func promise1_aPrefixThatIsNoLongerConfiguredKeepsTheAddressesInUse() {
        var world = World()
        let used = world.get(.sessionLasting, cookie: 1)
        let unused = world.get(.nonPersistent, cookie: 2)
        _ = world.tell(.socketDestroyed(2))
        var configuration = world.rules.configuration
        configuration.sources[0].prefixes = ["2001:db8:b::/56"]
        var actions: [Action] = []
        world.rules.reconfigure(configuration, at: world.now, &actions)
        let done = world.perform(actions)
        #expect(done.removes(unused) && !done.removes(used))
        #expect(IPv6Prefix("2001:db8:b::/56").contains(world.get(.sessionLasting, cookie: 3)))
        _ = world.tell(.socketDestroyed(1))
        #expect(world.perform(world.pass(.zero)).removes(used))
    }

    @Test func promise1_aPrefixThatComesBackKnowsTheAddressesThatOutlivedIt() {
        var world = World { $0.sources = [] }
        let event = Event.addressFound(FoundAddress(address: found, type: .sessionLasting, interfaceIndex: 1))
        let user = FoundSocket(cookie: 5, address: found, transport: 6, user: 0)
        _ = world.perform(world.tell(event) + world.tell(.recovered), users: [user])
        var actions: [Action] = []
        world.rules.reconfigure(World().rules.configuration, at: world.now, &actions)
        #expect(world.rules.sourceSummaries().first?.addresses == 1)
        #expect(actions == [.addRouting(.localRoute("2001:db8:a::/56"))])
    }

    @Test func aShorterLingerTimeHoldsForWhatLingersAlready() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 1)
        _ = world.tell(.socketDestroyed(1))
        var configuration = world.rules.configuration
        configuration.types.sessionLasting.linger = .seconds(2)
        var actions: [Action] = []
        world.rules.reconfigure(configuration, at: world.now, &actions)
        #expect(actions.isEmpty)
        #expect(world.perform(world.pass(.seconds(2))).removes(address))
    }
}
