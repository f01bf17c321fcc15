import Mobility
import Testing

/// Prefixes that routers advertise: which of them is for whom, and for how long. No address is there but ours.
@Suite struct AdvertisedPrefixTests {
    private let prefix: IPv6Prefix = "2001:db8:1::/64"
    private let other: IPv6Prefix = "2001:db8:2::/64"
    private let wlan = World.uplink

    // MARK: Asking routers

    @Test func routersAreAskedAtTheStartOnEveryLinkThatASourceListensOn() {
        var world = World { $0.sources = [.routers(on: ["wl*"])] }
        #expect(world.tell(.linkFound(index: wlan, name: "wlan0", isUp: true)) == [])
        #expect(world.tell(.linkFound(index: World.ethernet, name: "eth0", isUp: true)) == [])
        #expect(world.tell(.recovered) == [.network(.solicitRouters(interfaceIndex: wlan))])
        #expect(world.rules.listeningInterfaces == [wlan])
    }

    @Test func routersAreAskedWhenCarrierComesAndWhenTheyAreNeeded() {
        var world = World.asking(.routers(on: ["wlan0"]))
        let asks: [Action] = [.network(.solicitRouters(interfaceIndex: wlan))]
        #expect(world.tell(.linkFound(index: wlan, name: "wlan0", isUp: true, isRunning: false)) == [])
        #expect(world.tell(.linkFound(index: wlan, name: "wlan0", isUp: true)) == asks)
        #expect(world.tell(.linkFound(index: wlan, name: "wlan0", isUp: true)) == [])
        #expect(world.ask(.nonPersistent, cookie: 1).solicited == [wlan])
        // Whoever asks next waits for the same answer.
        #expect(world.ask(.nonPersistent, cookie: 2) == [])
    }

    @Test func whereThereIsNoRouterTheNextSourceIsTriedAfterThreeSeconds() {
        var world = World.asking(.routers(on: ["wlan0"]))
        _ = world.ask(.nonPersistent, cookie: 1)
        #expect(world.pass(.milliseconds(2_999)) == [])
        let actions = world.pass(.milliseconds(1))
        #expect(actions.answers == [.refused(.timedOut)])
        #expect(actions.said == [])
        // It is known by now.
        #expect(world.ask(.nonPersistent, cookie: 2).answers == [.refused(.timedOut)])
    }

    @Test func aRouterThatAnswersGivesAnAddressToAllWhoWait() throws {
        var world = World.asking(.routers(on: ["wlan0"]))
        _ = world.ask(.nonPersistent, cookie: 1)
        _ = world.ask(.nonPersistent, cookie: 2)
        let done = world.perform(world.advertise(prefix))
        let address = try #require(done.grantedAddress)
        #expect(prefix.contains(address) && done.answers.count == 2)
        let plan = try #require(done.planned)
        #expect(plan.interfaceIndex == wlan && plan.detectsDuplicates)
    }

    @Test func packetsFromAnAdvertisedPrefixLeaveByTheMainTable() {
        var world = World.asking(.routers())
        _ = world.advertise(prefix)
        _ = world.tell(.routerFound(Router(interfaceIndex: wlan, address: "fe80::1", metric: 1024)))
        let done = world.perform(world.ask(.nonPersistent, cookie: 1))
        #expect(!done.contains { if case .addRouting = $0 { true } else { false } })
    }

    @Test func unlessNobodyHasPutTheirRouterThere() {
        var world = World.asking(.routers())
        _ = world.advertise(prefix)
        let heard = Router(interfaceIndex: wlan, address: "fe80::1", metric: 1024, isHeardOnly: true)
        _ = world.tell(.routerFound(heard))
        let done = world.perform(world.ask(.nonPersistent, cookie: 1))
        #expect(done.contains(.addRouting(.rule(prefix, uplink: wlan))))
        #expect(done.contains(.setRouter(uplink: wlan, "fe80::1")))
        // Lost notices say nothing of what the kernel does not know.
        _ = world.tell(.uplinksForgotten)
        world.tellLinks()
        let actions = world.tell(.uplinksListed)
        #expect(actions.contains(.setRouter(uplink: wlan, "fe80::1")))
        #expect(!actions.contains(.setRouter(uplink: wlan, nil)))
    }

    // MARK: Which prefix is for which type

    @Test func aPrefixThatIsSaidToBeForATypeIsForThatOnly() throws {
        var world = World.asking(.routers())
        _ = world.advertise(prefix, type: .sessionLasting)
        _ = world.advertise(other)
        // Types= does not name it, but the router does.
        #expect(prefix.contains(world.get(.sessionLasting, cookie: 1)))
        #expect(other.contains(world.get(.nonPersistent, cookie: 2)))
        #expect(other.contains(world.get(.gracefulReplacement, cookie: 3)))
        #expect(world.ask(.fixed, cookie: 4).answers == [.refused(.noSource)])
    }

    @Test func aPrefixForTheTypeIsTakenBeforeOneForNoneInParticular() {
        var world = World.asking(.routers())
        _ = world.advertise(other)
        _ = world.advertise(prefix, type: .nonPersistent)
        #expect(prefix.contains(world.get(.nonPersistent, cookie: 1)))
    }

    @Test func aRouterThatDoesNotSayTakesNothingBack() {
        var world = World.asking(.routers())
        _ = world.advertise(prefix, type: .sessionLasting)
        _ = world.advertise(prefix)
        #expect(prefix.contains(world.get(.sessionLasting, cookie: 1)))
        #expect(world.ask(.nonPersistent, cookie: 2).planned == nil)
    }

    @Test func addressesOfAnotherTypeLeaveWithTheirSocketsWhenTheTypeChanges() {
        var world = World.asking(.routers())
        _ = world.advertise(prefix)
        let used = world.get(.nonPersistent, cookie: 1)
        let unused = world.get(.gracefulReplacement, cookie: 2)
        let good = world.perform(world.advertise(prefix, type: .nonPersistent))
        #expect(!good.removes(used) && !good.removes(unused))
        _ = world.tell(.socketDestroyed(2))
        #expect(world.perform(world.pass(.zero)).removes(unused))
        #expect(world.get(.nonPersistent, cookie: 3) == used)

        _ = world.advertise(prefix, type: .gracefulReplacement)
        #expect(world.ask(.nonPersistent, cookie: 4).grantedAddress == nil)
        #expect(world.state(used) == .active)
    }

    @Test func aSourceGivesNoMoreThanItsTypesAfterAReload() {
        var world = World.asking(.routers())
        _ = world.advertise(prefix)
        let old = world.get(.nonPersistent, cookie: 1)
        _ = world.reconfigure { $0.sources[0].types = [.gracefulReplacement] }
        #expect(world.ask(.nonPersistent, cookie: 2).answers == [.refused(.noSource)])
        #expect(world.state(old) == .active)
    }

    @Test(arguments: [
        // On-link only.
        Advertisement(
            interfaceIndex: World.uplink, prefix: "2001:db8:1::/64", isAutonomous: false,
            preferredLifetime: .seconds(10), validLifetime: .seconds(20)),
        // An interface identifier has 64 bits.
        Advertisement(
            interfaceIndex: World.uplink, prefix: "2001:db8:1::/56", preferredLifetime: .seconds(10),
            validLifetime: .seconds(20)),
        // Preferred for longer than valid.
        Advertisement(
            interfaceIndex: World.uplink, prefix: "2001:db8:1::/64", preferredLifetime: .seconds(20),
            validLifetime: .seconds(10)),
        Advertisement(
            interfaceIndex: World.uplink, prefix: "2001:db8:1::/64", preferredLifetime: nil,
            validLifetime: .seconds(10)),
        Advertisement(
            interfaceIndex: World.uplink, prefix: "fe80::/64", preferredLifetime: .seconds(10),
            validLifetime: .seconds(20)),
    ])
    func aPrefixThatIsNotForAutoconfigurationIsIgnored(_ advertisement: Advertisement) {
        var world = World.asking(.routers(on: ["wlan0"]))
        #expect(world.tell(.prefixAdvertised(advertisement)) == [])
        #expect(world.ask(.nonPersistent, cookie: 1).planned == nil)
    }

    @Test func aRouterThatTellsOfAPrefixForTheLinkOnlyEndsNothing() {
        var world = World.asking(.routers())
        _ = world.advertise(prefix)
        let address = world.get(.nonPersistent, cookie: 1)
        #expect(world.advertise(prefix, isAutonomous: false) == [])
        #expect(world.get(.nonPersistent, cookie: 2) == address)
    }

    // MARK: After a restart

    @Test func anAddressOfAnEarlierRunIsGivenAgainWhenItsPrefixIsAdvertised() {
        let found: IPv6Address = "2001:db8:1::77"
        var world = World { $0.sources = [.routers()] }
        world.tellLinks()
        _ = world.tell(
            .addressFound(FoundAddress(address: found, type: .nonPersistent, interfaceIndex: wlan)))
        _ = world.perform(
            world.tell(.recovered),
            users: [FoundSocket(cookie: 1, address: found, transport: 6, user: 0)])
        #expect(world.ask(.nonPersistent, cookie: 2).answers == [])
        #expect(world.perform(world.advertise(prefix)).grantedAddress == found)
    }

    @Test func anAddressOfAnEarlierRunIsNotGivenInAPrefixForAnotherType() {
        let found: IPv6Address = "2001:db8:1::77"
        var world = World { $0.sources = [.routers(on: ["wlan0"])] }
        world.tellLinks()
        _ = world.tell(
            .addressFound(FoundAddress(address: found, type: .nonPersistent, interfaceIndex: wlan)))
        _ = world.perform(
            world.tell(.recovered),
            users: [FoundSocket(cookie: 1, address: found, transport: 6, user: 0)])
        _ = world.advertise(prefix, type: .sessionLasting)
        #expect(world.ask(.nonPersistent, cookie: 2).solicited == [wlan])
        #expect(world.state(found) == .active)
    }

    // MARK: Bounds

    @Test func promise6_aLinkHasNoMoreThan32Prefixes() {
        var world = World.asking(.routers(on: ["wlan0"]))
        func prefix(_ number: UInt64) -> IPv6Prefix {
            IPv6Prefix(IPv6Address(high: 0x2001_0db8_0000_0000 | number, low: 0), length: 64)
        }
        for number in 1...32 { #expect(world.advertise(prefix(UInt64(number))) != []) }
        #expect(world.advertise(prefix(33), type: .sessionLasting) == [])
        #expect(world.ask(.sessionLasting, cookie: 1).answers == [.refused(.noSource)])
        // Those that are there are told of as before.
        _ = world.advertise(prefix(7), type: .sessionLasting)
        #expect(prefix(7).contains(world.get(.sessionLasting, cookie: 1)))
        // Another link has its own.
        #expect(world.advertise(prefix(33), on: World.ethernet) != [])
    }

    @Test func promise6_maxAddressesBoundsWhatIsMadeInAdvertisedPrefixes() {
        var world = World.asking(.routers(maxAddresses: 2)) { $0.types.nonPersistent.share = .socket }
        _ = world.advertise(prefix)
        _ = world.get(.nonPersistent, cookie: 1)
        _ = world.get(.nonPersistent, cookie: 2)
        #expect(world.ask(.nonPersistent, cookie: 3).answers == [.refused(.exhausted)])
    }

    @Test func anAddressThatANeighbourHasIsReplaced() throws {
        var world = World.asking(.routers())
        _ = world.advertise(prefix)
        let first = try #require(world.ask(.nonPersistent, cookie: 1).planned).address
        let done = world.perform(world.tell(.addressDuplicate(first)))
        #expect(done.removes(first))
        #expect(done.grantedAddress.map { $0 != first && prefix.contains($0) } == true)
    }
}
