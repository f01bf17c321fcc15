import Mobility
import Testing

/// The host moves from network to network by one link, `World.uplink`.
struct MovingTests {
    private static let home: IPv6Address = "fe80::1"
    private static let away: IPv6Address = "fe80::2"
    private static let homePrefix: IPv6Prefix = "2001:db8:1::/64"
    private static let awayPrefix: IPv6Prefix = "2001:db8:2::/64"
    private let anchored: IPv6Prefix = "2001:db8:a::/56"

    /// At home, with a static prefix that is anchored there and what routers advertise.
    private func atHome(_ sources: [Source] = [], change: (inout Configuration) -> Void = { _ in }) -> World {
        let anchor = Source(
            name: "anchor", types: [.fixed, .sessionLasting], prefixes: [anchored], interface: "wlan0")
        var world = World.asking(sources + [anchor, .routers()], change: change)
        _ = world.arrive(at: Self.home, Self.homePrefix)
        return world
    }

    // MARK: Noticing

    @Test func theFirstRouterThatIsHeardAfterTheCarrierWasLostIsThatOfTheNextNetwork() {
        var world = atHome()
        _ = world.get(.sessionLasting, cookie: 1)
        _ = world.flap()
        let actions = world.hear(Self.away, Self.awayPrefix)
        #expect(
            actions.first == .setRouter(uplink: wlan, Self.away)
                && actions.dropFirst().first == .forgetNeighbour(interfaceIndex: wlan, Self.home))
    }

    @Test func routersAreAskedWhenTheCarrierReturns() {
        var world = atHome()
        #expect(world.flap().solicited == [wlan])
    }

    @Test func aFlapThatEndsOnTheSameNetworkChangesNothing() {
        var world = atHome()
        for (cookie, type) in ContinuityType.allCases.enumerated() {
            _ = world.get(type, cookie: SocketCookie(cookie + 1))
        }
        for _ in 1...3 {
            #expect(world.flap().withoutSolicitations == [])
            #expect(world.hear(Self.home, Self.homePrefix) == [])
        }
    }

    @Test func aFlapOnANetworkOfTwoRoutersChangesNothingForApplications() {
        var world = atHome()
        _ = world.get(.sessionLasting, cookie: 1)
        _ = world.get(.nonPersistent, cookie: 2)
        // The second advertises the same prefix, and is not worth a question.
        #expect(world.hear(Self.away, Self.homePrefix) == [])
        _ = world.flap()
        // The other one was faster: it will do until the first is heard.
        #expect(world.hear(Self.away, Self.homePrefix) == [.setRouter(uplink: wlan, Self.away)])
        #expect(world.hear(Self.home, Self.homePrefix) == [.setRouter(uplink: wlan, Self.home)])
    }

    @Test func aStrangerOnAQuietLinkIsBelievedWhenTheRouterDoesNotAnswer() {
        var world = atHome()
        _ = world.get(.sessionLasting, cookie: 1)
        #expect(
            world.hear(Self.away, Self.awayPrefix)
                == [.probeRouter(interfaceIndex: wlan, Self.home)])
        // Packets do not wait for the decision.
        #expect(world.probed(.uncertain) == [.setRouter(uplink: wlan, Self.away)])
        #expect(world.probed(.unreachable).contains(.forgetNeighbour(interfaceIndex: wlan, Self.home)))
    }

    @Test func promise1_aSecondRouterOnTheLinkIsNoMove() {
        var world = atHome()
        _ = world.get(.sessionLasting, cookie: 1)
        _ = world.get(.nonPersistent, cookie: 2)
        _ = world.hear(Self.away, Self.awayPrefix)
        _ = world.probed(.uncertain)
        // It was only slow.
        #expect(world.probed(.reachable) == [.setRouter(uplink: wlan, Self.home)])
        // From then on it is known.
        #expect(world.hear(Self.away, Self.awayPrefix) == [])
    }

    @Test func strangersWithoutEndAreNotRemembered() {
        var world = atHome()
        var probes = 0
        for number in 0..<100 {
            let stranger = IPv6Address(high: 0xfe80 << 48, low: UInt64(0x1000 + number))
            let actions = world.hear(stranger, "2001:db8:bad::/64")
            probes += actions.count { if case .probeRouter = $0 { true } else { false } }
            _ = world.probed(.reachable)
        }
        #expect(probes == 15)
    }

    @Test func aRouterThatCeasesIsFollowedByAnotherOfTheNetwork() {
        var world = atHome()
        _ = world.get(.sessionLasting, cookie: 1)
        _ = world.hear(Self.away, Self.homePrefix)
        #expect(world.ceased(Self.home) == [.setRouter(uplink: wlan, Self.away)])
        #expect(world.ceased(Self.away) == [.setRouter(uplink: wlan, nil)])
    }

    @Test func theNextRouterAfterTheLastHasCeasedMayBeThatOfAnotherNetwork() {
        // As when an interface is set down: the kernel may tell of the route before it tells of the link.
        var world = atHome()
        let old = world.get(.nonPersistent, cookie: 1)
        _ = world.ceased(Self.home)
        let heard = world.hear(Self.away, Self.awayPrefix) + world.advertise(Self.awayPrefix)
        let actions = world.perform(heard + world.listed())
        #expect(actions.ends(old))
    }

    @Test func aRouterThatReturnsAfterItHadCeasedIsTheSame() {
        var world = atHome()
        _ = world.get(.nonPersistent, cookie: 1)
        #expect(world.ceased(Self.home).filter { if case .setRouter = $0 { true } else { false } } == [])
        #expect(world.hear(Self.home, Self.homePrefix) == [])
        #expect(world.perform(world.pass(.seconds(5))).events == [])
    }

    @Test func aRouterThatSomebodyHasConfiguredIsNotSetAside() {
        var world = atHome()
        _ = world.tell(.routerFound(Router(interfaceIndex: wlan, address: "fe80::99", metric: 100)))
        _ = world.get(.sessionLasting, cookie: 1)
        _ = world.flap()
        #expect(
            !world.hear(Self.away, Self.awayPrefix).contains {
                if case .setRouter = $0 { true } else { false }
            })
    }

    @Test func afterLostNoticesAMoveIsNotMissed() {
        var world = atHome()
        _ = world.get(.sessionLasting, cookie: 1)
        _ = world.tell(.uplinksForgotten)
        world.tellLinks()
        _ = world.tell(.uplinksListed)
        #expect(world.hear(Self.away, Self.awayPrefix).contains(.setRouter(uplink: wlan, Self.away)))
    }

    @Test func afterASleepTheHostMayBeElsewhere() {
        var world = atHome()
        _ = world.get(.sessionLasting, cookie: 1)
        #expect(world.tell(.resumed).solicited == [wlan, World.ethernet])
        #expect(world.hear(Self.home, Self.homePrefix) == [])
        _ = world.tell(.resumed)
        #expect(world.hear(Self.away, Self.awayPrefix).contains(.setRouter(uplink: wlan, Self.away)))
    }

    // MARK: What becomes of addresses

    @Test(arguments: [ContinuityType.fixed, .sessionLasting])
    func promise1_anAnchoredAddressMovesWithTheHost(_ type: ContinuityType) {
        var world = atHome()
        let address = world.get(type, cookie: 1)
        let actions = world.perform(world.move(to: Self.away, Self.awayPrefix))
        #expect(actions.events == [] && !actions.ends(address))
        #expect(world.state(address) == .active)
    }

    @Test func aNonPersistentAddressIsReplacedAtOnceAndItsSocketsEnded() throws {
        var world = atHome()
        let old = world.get(.nonPersistent, cookie: 1)
        _ = world.flap()
        var actions = world.perform(world.hear(Self.away, Self.awayPrefix))
        #expect(actions.events == [])
        actions = world.perform(world.advertise(Self.awayPrefix) + world.listed())
        let new = try #require(actions.planned).address
        #expect(Self.awayPrefix.contains(new))
        #expect(
            actions.events == [
                AddressEvent(.replaced, of: old, type: .nonPersistent, replacement: new, end: world.now),
                AddressEvent(.removed, of: old, type: .nonPersistent, replacement: new, end: world.now),
            ])
        #expect(actions.ends(old))
        #expect(actions.contains(.removeIfOurs(old, interfaceIndex: wlan)))
        // The new one is kept for those who were told of it.
        #expect(world.get(.nonPersistent, cookie: 2) == new)
    }

    @Test func aNonPersistentAddressGoesAlsoWhenThereIsNoOther() {
        var world = atHome()
        let old = world.get(.nonPersistent, cookie: 1)
        _ = world.perform(world.move(to: Self.away))
        let actions = world.perform(world.pass(.seconds(1)))
        #expect(actions.events == [AddressEvent(.removed, of: old, type: .nonPersistent, end: world.now)])
        #expect(actions.ends(old))
    }

    @Test func aGracefulAddressHasATimeWithBoth() throws {
        var world = atHome()
        let old = world.get(.gracefulReplacement, cookie: 1)
        let end = world.now + .seconds(60)
        var actions = world.perform(world.move(to: Self.away, Self.awayPrefix))
        actions += world.perform(world.listed())
        let new = try #require(actions.planned).address
        #expect(
            actions.events == [
                AddressEvent(.deprecated, of: old, type: .gracefulReplacement, end: end),
                AddressEvent(.replaced, of: old, type: .gracefulReplacement, replacement: new, end: end),
            ])
        #expect(world.rules.addressEvent(forSocket: 1)?.change == .replaced)
        // The kernel knows of the end too, in case that nobody else is there then.
        #expect(actions.restored(old)?.validUntil == end + .seconds(10))
        #expect(world.perform(world.pass(.seconds(59))).events == [])
        actions = world.perform(world.pass(.seconds(1)))
        #expect(
            actions.events == [
                AddressEvent(.removed, of: old, type: .gracefulReplacement, replacement: new, end: end)
            ])
        #expect(actions.ends(old))
        #expect(world.rules.addressEvent(forSocket: 1)?.change == .removed)
    }

    @Test func promise2_nothingIsLeftOfAnAddressThatEndedOnceItsSocketsAreClosed() {
        var world = atHome()
        let old = world.get(.gracefulReplacement, cookie: 1)
        _ = world.perform(world.move(to: Self.away, Self.awayPrefix) + world.pass(.seconds(60)))
        #expect(world.rules.addressSummary(of: old, at: world.now)?.sockets == 1)
        _ = world.perform(world.tell(.socketDestroyed(1)) + world.pass(.seconds(60)))
        #expect(world.rules.addressCount == 0)
    }

    @Test func backWithinTheGraceTimeTheOldAddressIsRestored() {
        var world = atHome()
        let old = world.get(.gracefulReplacement, cookie: 1)
        _ = world.perform(world.move(to: Self.away, Self.awayPrefix) + world.listed())
        _ = world.pass(.seconds(10))
        let actions = world.perform(world.move(to: Self.home, Self.homePrefix) + world.listed())
        #expect(actions.events.contains(AddressEvent(.restored, of: old, type: .gracefulReplacement)))
        #expect(actions.restored(old).map { $0.validUntil == nil } ?? false)
        #expect(world.perform(world.pass(.seconds(100))).events == [])
        #expect(world.get(.gracefulReplacement, cookie: 2) == old)
    }

    @Test func whoIsOnlyToldKeepsTheAddress() {
        var world = atHome { $0.types.gracefulReplacement.onLoss = .tell }
        let old = world.get(.gracefulReplacement, cookie: 1)
        let actions = world.perform(world.move(to: Self.away, Self.awayPrefix))
        #expect(actions.events.first == AddressEvent(.deprecated, of: old, type: .gracefulReplacement))
        #expect(!world.perform(world.pass(.seconds(100_000))).ends(old))
        #expect(world.state(old) == .active)
    }

    @Test func anAddressThatNobodyUsesGoesWithTheNetworkWithoutAWord() {
        var world = atHome()
        let old = world.get(.gracefulReplacement, cookie: 1)
        _ = world.tell(.socketDestroyed(1))
        let actions = world.perform(world.move(to: Self.away, Self.awayPrefix) + world.pass(.zero))
        #expect(actions.events == [] && actions.asked == [] && actions.removes(old))
    }

    @Test func aPrefixThatTheNextNetworkAdvertisesTooGoesOn() {
        var world = atHome()
        let old = world.get(.nonPersistent, cookie: 1)
        _ = world.flap()
        let actions = world.perform(world.hear(Self.away, Self.homePrefix))
        #expect(actions.events == [] && world.state(old) == .active)
        #expect(world.get(.nonPersistent, cookie: 2) == old)
    }

    @Test func promises3and4_anAddressOfTheKernelIsNotRemovedAndOnlySocketsThatWereGivenItAreEnded() {
        var world = atHome()
        _ = world.autoconfigure("2001:db8:1::aaaa")
        #expect(world.get(.nonPersistent, cookie: 1) == "2001:db8:1::aaaa")
        // Of a program that does not know odmd.
        _ = world.tell(
            .socketFound(FoundSocket(cookie: 2, address: "2001:db8:1::aaaa", transport: 6, user: 0)))
        let actions = world.perform(world.move(to: Self.away, Self.awayPrefix) + world.listed())
        #expect(actions.contains(.abortSockets("2001:db8:1::aaaa", only: [1])))
        #expect(!actions.removes("2001:db8:1::aaaa"))
        #expect(!actions.contains(.removeIfOurs("2001:db8:1::aaaa", interfaceIndex: wlan)))
    }

    @Test func promise3_aManagerThatMakesAnAddressAnewAfterItsEndIsLeftAlone() {
        var world = atHome()
        _ = world.autoconfigure("2001:db8:1::aaaa")
        _ = world.get(.nonPersistent, cookie: 1)
        _ = world.perform(world.move(to: Self.away, Self.awayPrefix) + world.listed())
        let address = AutoconfiguredAddress(
            address: "2001:db8:1::aaaa", interfaceIndex: wlan, isUsable: false)
        #expect(world.tell(.autoconfiguredAddressGone("2001:db8:1::aaaa", interfaceIndex: wlan)) == [])
        #expect(world.tell(.addressAutoconfigured(address)) == [])
        #expect(world.tell(.addressUsable(address.address)) == [])
    }

    @Test func tenMovesInTwoSecondsEndInTheRightStateWithoutAStorm() {
        var world = atHome()
        let anchored = world.get(.sessionLasting, cookie: 1)
        _ = world.get(.gracefulReplacement, cookie: 2)
        var events = 0
        for round in 1...10 {
            let isAway = round % 2 == 1
            let prefix = isAway ? Self.awayPrefix : Self.homePrefix
            let actions = world.perform(
                world.move(to: isAway ? Self.away : Self.home, prefix) + world.listed())
            events += actions.events.count
            _ = world.perform(world.pass(.milliseconds(200)))
        }
        #expect(events <= 20)
        #expect(world.state(anchored) == .active)
        _ = world.perform([1, 2].flatMap { world.tell(.socketDestroyed($0)) } + world.pass(.seconds(100)))
        #expect(world.rules.addressCount == 0)
    }

    // MARK: Moves while there is no daemon

    /// What the next run is told of a network and of an address that an earlier one made.
    private func restarted(_ type: ContinuityType, at address: IPv6Address) -> World {
        var world = World { $0.sources = [.routers()] }
        world.tellLinks()
        let known = KnownNetwork(
            interfaceIndex: wlan, since: Instant(microseconds: 5), routers: [Self.home, "fe80::11"])
        _ = world.tell(.networkFound(known))
        _ = world.tell(
            .addressFound(FoundAddress(address: address, type: type, interfaceIndex: wlan)))
        let requester = Requester(cookie: 1, transport: 6, user: 0, process: 42)
        _ = world.tell(
            .recordFound(
                0,
                SocketRecord(
                    requester: requester, address: address, type: type, owner: nil, isOnNet: false,
                    isRoutedOnly: false, since: world.now)))
        _ = world.perform(world.tell(.recovered))
        return world
    }

    @Test func aNetworkIsRememberedWithItsRouters() {
        var world = atHome()
        _ = world.tell(
            .routerHeard(HeardRouter(interfaceIndex: wlan, address: "fe80::11", prefixes: [Self.homePrefix])))
        let actions = world.tell(
            .routerHeard(HeardRouter(interfaceIndex: wlan, address: "fe80::12", prefixes: [Self.homePrefix])))
        #expect(
            actions == [
                .keepNetwork(
                    KnownNetwork(
                        interfaceIndex: wlan, since: world.now, routers: [Self.home, "fe80::11", "fe80::12"]))
            ])
        #expect(
            world.tell(.linkGone(index: wlan)).contains(
                .keepNetwork(
                    KnownNetwork(interfaceIndex: wlan, since: Instant(microseconds: 0), routers: []))))
    }

    @Test func aMoveWhileThereWasNoDaemonIsNoticed() {
        let old: IPv6Address = "2001:db8:1::5"
        var world = restarted(.gracefulReplacement, at: old)
        let actions = world.perform(world.hear(Self.away, Self.awayPrefix))
        #expect(actions.events.map(\.change) == [.deprecated])
        #expect(world.perform(world.pass(.seconds(60))).ends(old))
    }

    @Test func promise1_aRestartOnTheSameNetworkIsNoMove() {
        var world = restarted(.nonPersistent, at: "2001:db8:1::5")
        #expect(world.perform(world.hear("fe80::11", Self.homePrefix)).events == [])
        #expect(world.perform(world.hear(Self.home, Self.homePrefix)).events == [])
        #expect(world.perform(world.pass(.seconds(100))).events == [])
    }

    @Test func anAddressThatWasComingToItsEndDoesSoAfterARestart() {
        var world = World { $0.sources = [.routers()] }
        world.tellLinks()
        let old: IPv6Address = "2001:db8:1::5"
        _ = world.tell(
            .addressFound(
                FoundAddress(
                    address: old, type: .gracefulReplacement, interfaceIndex: wlan,
                    validUntil: world.now + .seconds(30))))
        let requester = Requester(cookie: 1, transport: 6, user: 0, process: 42)
        _ = world.tell(
            .recordFound(
                0,
                SocketRecord(
                    requester: requester, address: old, type: .gracefulReplacement, owner: nil,
                    isOnNet: false, isRoutedOnly: false, since: world.now)
            ))
        _ = world.perform(world.tell(.recovered))
        #expect(!world.perform(world.pass(.seconds(19))).ends(old))
        #expect(world.perform(world.pass(.seconds(1))).ends(old))
    }

    // MARK: Leases

    private func getAnchoredLease(_ type: ContinuityType) -> (World, LeaseID, IPv6Address) {
        var world = World.asking(.servers(types: Set(ContinuityType.allCases)))
        _ = world.arrive(at: Self.home, Self.homePrefix)
        let (lease, address) = world.getLeased("2001:db8:d::/64", type, cookie: 1)
        return (world, lease, address)
    }

    @Test func anAnchoredLeaseIsReboundAtOnce() {
        var (world, lease, address) = getAnchoredLease(.sessionLasting)
        let actions = world.perform(world.move(to: Self.away, Self.awayPrefix))
        #expect(actions.said == [.rebind(lease, interface: "wlan0")])
        #expect(actions.events == [] && world.state(address) == .active)
    }

    @Test func aLeaseThatTheNextNetworkTakesAwayEndsAfterAGraceTime() throws {
        var (world, lease, address) = getAnchoredLease(.sessionLasting)
        _ = world.perform(world.move(to: Self.away, Self.awayPrefix))
        var actions = world.perform(world.tell(.prefixWithdrawn(lease)))
        let end = world.now + .seconds(60)
        #expect(
            actions.events == [AddressEvent(.deprecated, of: address, type: .sessionLasting, end: end)])
        let asked = try #require(actions.asked.first)
        actions = world.perform(world.grant(asked, "2001:db8:e::/64"))
        #expect(actions.events.map(\.change) == [.replaced])
        #expect(world.perform(world.pass(.seconds(60))).ends(address))
    }

    @Test func aGracefulLeaseIsNotReboundAndIsGivenBackAfterItsGraceTime() throws {
        var (world, lease, address) = getAnchoredLease(.gracefulReplacement)
        let actions = world.perform(world.move(to: Self.away, Self.awayPrefix))
        #expect(actions.said == [])
        let asked = try #require(actions.asked.first)
        _ = world.perform(world.grant(asked, "2001:db8:e::/64"))
        let done = world.perform(world.pass(.seconds(60)))
        #expect(done.ends(address))
        // Its last socket is not closed yet, but nothing works on it any more.
        #expect(world.perform(world.tell(.socketDestroyed(1)) + world.pass(.zero)).said == [.giveBack(lease)])
    }

    @Test func whatIsBeingAskedForIsAskedForAnewOnTheNextNetwork() throws {
        var world = World.asking(.servers(types: Set(ContinuityType.allCases)))
        _ = world.arrive(at: Self.home, Self.homePrefix)
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        #expect(world.move(to: Self.away, Self.awayPrefix).said == [.rebind(asked.id, interface: "wlan0")])
    }

    // MARK: Several uplinks

    private static let ethernetRouter: IPv6Address = "fe80::e"

    /// `wlan0` and `eth0`, with a router on each.
    private func onBoth(_ source: Source) -> World {
        var world = World.asking(source)
        for (index, router) in [(wlan, Self.home), (World.ethernet, Self.ethernetRouter)] {
            _ = world.tell(.routerHeard(HeardRouter(interfaceIndex: index, address: router)))
        }
        return world
    }

    private var twoUplinks: Source {
        var source = Source(
            name: "anchor", types: [.sessionLasting], prefixes: [anchored], interface: "wlan0")
        source.alternatives = ["eth0"]
        return source
    }

    @Test func anAnchoredPrefixGoesToAnotherUplinkAndIsNeverWithoutOne() {
        var world = onBoth(twoUplinks)
        let address = world.get(.sessionLasting, cookie: 1)
        _ = world.loseCarrier()
        #expect(
            world.pass(.milliseconds(200)) == [
                .addRouting(.table(uplink: World.ethernet)),
                .setRouter(uplink: World.ethernet, Self.ethernetRouter),
                .addRouting(.rule(anchored, uplink: World.ethernet)),
                .removeRouting(.rule(anchored, uplink: wlan)),
                .removeRouting(.table(uplink: wlan)),
            ])
        #expect(world.state(address) == .active)
        // The first that is named is preferred, once it is known on which network it is.
        _ = world.tell(.linkFound(index: wlan, name: "wlan0", isUp: true))
        #expect(world.pass(.seconds(1)) == [])
        #expect(world.hear(Self.home).contains(.addRouting(.rule(anchored, uplink: wlan))))
    }

    @Test func aCarrierThatReturnsSoonWasNotGone() {
        var world = onBoth(twoUplinks)
        _ = world.get(.sessionLasting, cookie: 1)
        _ = world.flap()
        #expect(world.pass(.seconds(1)) == [])
    }

    @Test func anInterfaceThatIsGoneIsLeftAtOnce() {
        var world = onBoth(twoUplinks)
        _ = world.get(.sessionLasting, cookie: 1)
        let actions = world.tell(.linkGone(index: wlan))
        #expect(actions.contains(.addRouting(.rule(anchored, uplink: World.ethernet))))
    }

    @Test func aLeaseIsReboundByTheUplinkThatWorksAndStaysThere() throws {
        var world = onBoth(.servers(on: ["*"]))
        let (lease, address) = world.getLeased("2001:db8:d::/64", cookie: 1)
        _ = world.loseCarrier()
        let actions = world.pass(.milliseconds(200))
        #expect(actions.said == [.rebind(lease, interface: "eth0")])
        #expect(actions.contains(.addRouting(.rule("2001:db8:d::/64", uplink: World.ethernet))))
        _ = world.tell(.linkFound(index: wlan, name: "wlan0", isUp: true))
        #expect(world.hear(Self.home).said == [])
        #expect(world.state(address) == .active)
    }

    @Test func whatIsAnchoredOnAnUplinkThatWorksStaysThere() {
        // A move on one uplink is none on the other.
        var world = onBoth(twoUplinks)
        let address = world.get(.sessionLasting, cookie: 1)
        _ = world.tell(.linkFound(index: World.ethernet, name: "eth0", isUp: true, isRunning: false))
        #expect(world.pass(.seconds(1)) == [])
        #expect(world.state(address) == .active)
    }

    // MARK: New requests after a move

    @Test func aNewRequestGetsAnAddressOfTheNewNetworkWhereThereIsOne() throws {
        var (world, _, old) = getAnchoredLease(.sessionLasting)
        _ = world.move(to: Self.away, Self.awayPrefix)
        let asked = try #require(world.ask(.sessionLasting, cookie: 2).asked.first)
        let new = try #require(world.perform(world.grant(asked, "2001:db8:e::/64")).grantedAddress)
        #expect(world.get(.sessionLasting, cookie: 3) == new)
        #expect(world.state(old) == .active)
        // Back home the old one is the shorter path again.
        _ = world.move(to: Self.home, Self.homePrefix)
        #expect(world.get(.sessionLasting, cookie: 4) == old)
    }

    @Test func whereThereIsNoneTheOldOneDoes() throws {
        var (world, _, old) = getAnchoredLease(.sessionLasting)
        _ = world.move(to: Self.away, Self.awayPrefix)
        let asked = try #require(world.ask(.sessionLasting, cookie: 2).asked.first)
        #expect(world.perform(world.tell(.prefixRefused(asked.id, .networkRefused))).grantedAddress == old)
        // Whoever gave nothing is left alone for a while.
        #expect(world.get(.sessionLasting, cookie: 3) == old)
    }

    @Test func itCanBeConfiguredThatTheOldOneIsGoodEnough() {
        var world = World.asking(.servers(types: Set(ContinuityType.allCases))) {
            $0.types.sessionLasting.prefersCurrentNetwork = false
        }
        _ = world.arrive(at: Self.home, Self.homePrefix)
        let (_, old) = world.getLeased("2001:db8:d::/64", cookie: 1)
        _ = world.move(to: Self.away, Self.awayPrefix)
        #expect(world.get(.sessionLasting, cookie: 2) == old)
    }
}

private let wlan = World.uplink

extension World {
    fileprivate mutating func hear(_ router: IPv6Address, _ prefixes: IPv6Prefix...) -> [Action] {
        tell(.routerHeard(HeardRouter(interfaceIndex: wlan, address: router, prefixes: prefixes)))
            .withoutMemories
    }

    fileprivate mutating func ceased(_ router: IPv6Address) -> [Action] {
        tell(.routerHeard(HeardRouter(interfaceIndex: wlan, address: router, isDefault: false)))
            .withoutMemories
    }

    fileprivate mutating func probed(_ reachability: Reachability) -> [Action] {
        tell(.routerProbed(interfaceIndex: wlan, "fe80::1", reachability)).withoutMemories
    }

    /// The kernel has listed the addresses that it was asked for: ours are all there.
    fileprivate mutating func listed() -> [Action] {
        for address in rules.addressSummaries(at: now) { _ = tell(.addressListed(address.address)) }
        return autoconfigured.flatMap { tell(.addressAutoconfigured($0)) } + tell(.addressesListed)
    }

    /// The carrier goes and returns.
    fileprivate mutating func flap() -> [Action] {
        tell(.linkFound(index: wlan, name: "wlan0", isUp: true, isRunning: false))
            + tell(.linkFound(index: wlan, name: "wlan0", isUp: true))
    }

    fileprivate mutating func loseCarrier() -> [Action] {
        tell(.linkFound(index: wlan, name: "wlan0", isUp: true, isRunning: false))
    }

    fileprivate mutating func arrive(at router: IPv6Address, _ prefix: IPv6Prefix) -> [Action] {
        hear(router, prefix) + advertise(prefix) + listed()
    }

    /// To a network that advertises a prefix, or none.
    fileprivate mutating func move(to router: IPv6Address, _ prefix: IPv6Prefix? = nil) -> [Action] {
        _ = flap()
        guard let prefix else { return hear(router) }
        return hear(router, prefix) + advertise(prefix)
    }
}

extension [Action] {
    fileprivate var events: [AddressEvent] {
        compactMap { if case .announce(let event) = $0 { event } else { nil } }
    }

    /// What is not kept for the next run.
    fileprivate var withoutMemories: [Action] {
        filter { if case .keepNetwork = $0 { false } else { true } }
    }

    fileprivate var withoutSolicitations: [Action] {
        filter { if case .network(.solicitRouters) = $0 { false } else { true } }
    }

    /// The sockets that have the address are ended.
    fileprivate func ends(_ address: IPv6Address) -> Bool { contains(.abortSockets(address, only: nil)) }

    fileprivate func restored(_ address: IPv6Address) -> PlannedAddress? {
        for case .restoreAddress(let plan) in self where plan.address == address { return plan }
        return nil
    }
}
