import Mobility
import Testing

/// Addresses that the kernel has made in an advertised prefix (RFC 4862): given to sockets, and left alone.
@Suite struct AutoconfiguredAddressTests {
    private let prefix: IPv6Prefix = "2001:db8:1::/64"
    private let address: IPv6Address = "2001:db8:1::aaaa"
    private let wlan = World.uplink

    /// The kernel has made an address in the prefix that a router advertises.
    private func autoconfigured(
        isUsable: Bool = true, _ change: (inout Configuration) -> Void = { _ in }
    ) -> World {
        var world = World.asking(.routers(on: ["wlan0"]), change: change)
        _ = world.autoconfigure(address, isUsable: isUsable)
        _ = world.advertise(prefix)
        return world
    }

    // MARK: Whose address is given

    @Test func theKernelsAddressIsGivenWithoutTouchingIt() {
        var world = autoconfigured()
        let actions = world.ask(.nonPersistent, cookie: 1)
        #expect(
            actions.withoutRecords == [
                .followSocketDeaths,
                .answer(request(1), .granted(Grant(address: address, type: .nonPersistent))),
            ])
        #expect(world.get(.nonPersistent, cookie: 2) == address)
    }

    @Test func promise3_itStaysWhenItsLastSocketIsGone() {
        var world = autoconfigured()
        _ = world.get(.nonPersistent, cookie: 1)
        _ = world.tell(.socketDestroyed(1))
        let done = world.perform(world.pass(.seconds(30)))
        #expect(done.contains(.findSockets(IPv6Prefix(host: address))) && !done.touches(address))
        #expect(world.rules.addressCount == 0)
        // It is still there for the next.
        #expect(world.get(.nonPersistent, cookie: 2) == address)
    }

    @Test func promise3_itStaysWhenItIsReleasedAndWhenTheDaemonStops() {
        var world = autoconfigured()
        _ = world.acquire(.nonPersistent)
        #expect(!world.perform(world.tell(.released(address))).touches(address))
        #expect(world.rules.addressCount == 0)
        _ = world.get(.nonPersistent, cookie: 1)
        _ = world.tell(.socketDestroyed(1))
        #expect(!world.perform(world.tell(.stopping)).touches(address))
        #expect(world.rules.addressCount == 0)
    }

    @Test func itIsGivenToOneTypeOnly() {
        var world = autoconfigured()
        #expect(world.get(.nonPersistent, cookie: 1) == address)
        let own = world.get(.gracefulReplacement, cookie: 2)
        #expect(own != address && prefix.contains(own))
        // The other type gets it when nobody has it any more.
        for cookie in 1...2 { _ = world.tell(.socketDestroyed(SocketCookie(cookie))) }
        #expect(world.perform(world.pass(.seconds(30))).removes(own))
        #expect(world.get(.gracefulReplacement, cookie: 3) == address)
    }

    @Test func onNetGetsOneOfOurs() {
        var world = autoconfigured()
        #expect(world.get(.nonPersistent, cookie: 1, onNet: true) != address)
    }

    @Test(arguments: [TypePolicy.Share.socket, .user])
    func whoSharesNothingGetsOneOfOurs(_ share: TypePolicy.Share) {
        var world = autoconfigured { $0.types.nonPersistent.share = share }
        #expect(world.get(.nonPersistent, cookie: 1) != address)
    }

    @Test func oneOutsideOfThePrefixOrOnAnotherLinkIsNotGiven() {
        var world = World.asking(.routers(on: ["*"]))
        _ = world.autoconfigure("2001:db8:7::1")
        _ = world.tell(
            .addressAutoconfigured(
                AutoconfiguredAddress(address: "2001:db8:1::2", interfaceIndex: World.ethernet)))
        _ = world.tell(
            .prefixAdvertised(
                Advertisement(
                    interfaceIndex: wlan, prefix: prefix, preferredLifetime: nil, validLifetime: nil)))
        let given = world.get(.nonPersistent, cookie: 1)
        #expect(prefix.contains(given) && given != "2001:db8:1::2")
    }

    // MARK: Duplicate address detection

    @Test func oneThatIsTentativeIsWaitedFor() {
        var world = autoconfigured(isUsable: false)
        #expect(world.ask(.nonPersistent, cookie: 1) == [.followSocketDeaths])
        #expect(world.autoconfigure(address).grantedAddress == address)
    }

    @Test func oneThatIsToldOfInTheListOnlyIsWaitedForToo() {
        // The kernel has no notice of an address before it can be bound.
        var world = World.asking(.routers(on: ["wlan0"]))
        _ = world.ask(.nonPersistent, cookie: 1)
        let heard = Advertisement(
            interfaceIndex: wlan, prefix: prefix, preferredLifetime: nil, validLifetime: nil)
        #expect(world.tell(.prefixAdvertised(heard)) == [.listAddresses])
        _ = world.autoconfigure(address, isUsable: false)
        #expect(world.tell(.addressesListed) == [])
        #expect(world.autoconfigure(address).grantedAddress == address)
    }

    @Test func oneThatANeighbourHasIsReplacedByOneOfOurs() {
        var world = autoconfigured(isUsable: false)
        _ = world.ask(.nonPersistent, cookie: 1)
        let done = world.perform(world.autoconfigure(address, isUsable: false, isPreferred: false))
        #expect(done.grantedAddress.map { $0 != address && prefix.contains($0) } == true)
        #expect(!done.touches(address))
    }

    @Test func detectionThatBeginsAgainIsWaitedFor() {
        var world = autoconfigured()
        _ = world.get(.nonPersistent, cookie: 1)
        _ = world.autoconfigure(address, isUsable: false)
        #expect(world.ask(.nonPersistent, cookie: 2).answers == [])
        #expect(world.autoconfigure(address).answers.count == 1)
    }

    // MARK: It goes, and comes back

    @Test func promise3_oneThatIsGoneIsNotPutBack() {
        var world = autoconfigured()
        _ = world.get(.nonPersistent, cookie: 1)
        #expect(!world.perform(world.endAutoconfigured(address)).touches(address))
        // Those who have it keep it, in vain; others get one of ours.
        #expect(world.state(address) == .active)
        #expect(world.get(.nonPersistent, cookie: 2) != address)
        _ = world.tell(.socketDestroyed(1))
        #expect(!world.perform(world.pass(.seconds(30))).touches(address))
        #expect(world.state(address) == nil)
    }

    @Test func oneThatComesBackIsGivenAgain() {
        var world = autoconfigured()
        _ = world.get(.nonPersistent, cookie: 1)
        _ = world.endAutoconfigured(address)
        #expect(world.autoconfigure(address) == [])
        #expect(world.get(.nonPersistent, cookie: 2) == address)
    }

    @Test func oneThatIsDeprecatedIsForNobodyNewUntilItIsPreferredAgain() {
        var world = autoconfigured()
        _ = world.get(.nonPersistent, cookie: 1)
        #expect(!world.perform(world.autoconfigure(address, isPreferred: false)).touches(address))
        #expect(world.state(address) == .active)
        _ = world.autoconfigure(address)
        #expect(world.get(.nonPersistent, cookie: 2) == address)
        _ = world.autoconfigure(address, isPreferred: false)
        #expect(world.get(.nonPersistent, cookie: 3) != address)
    }

    @Test(arguments: [true, false])
    func whetherTheRouterOrTheKernelIsHeardFirstMakesNoDifference(_ isKernelFirst: Bool) {
        var world = autoconfigured()
        _ = world.get(.nonPersistent, cookie: 1)
        _ = world.autoconfigure(address, isPreferred: false)
        _ = world.advertise(prefix, preferred: .zero)
        if isKernelFirst { _ = world.autoconfigure(address) }
        _ = world.advertise(prefix)
        if !isKernelFirst { _ = world.autoconfigure(address) }
        #expect(world.get(.nonPersistent, cookie: 2) == address)
    }

    @Test func oneThatIsBackInAPrefixForAnotherTypeIsForNobodyNew() {
        var world = autoconfigured()
        _ = world.get(.nonPersistent, cookie: 1)
        _ = world.endAutoconfigured(address)
        _ = world.advertise(prefix, type: .gracefulReplacement)
        _ = world.autoconfigure(address)
        #expect(world.ask(.nonPersistent, cookie: 2).grantedAddress != address)
    }

    @Test func whoWaitsForOneThatGoesGetsOneOfOurs() {
        var world = autoconfigured(isUsable: false)
        _ = world.ask(.nonPersistent, cookie: 1)
        let done = world.perform(world.endAutoconfigured(address))
        #expect(done.grantedAddress.map(prefix.contains) == true && done.grantedAddress != address)
    }

    @Test func promise2_oneThatNeverBecameUsableGoesWithItsPrefix() {
        var world = autoconfigured(isUsable: false)
        #expect(world.ask(.nonPersistent, cookie: 1).answer == nil)
        _ = world.perform(world.advertise(prefix, preferred: .zero, valid: .zero))
        #expect(!world.perform(world.pass(.seconds(30))).touches(address))
        #expect(world.rules.addressCount == 0)
    }

    @Test func oneThatWentWithItsLinkIsNotPutBack() {
        var world = autoconfigured()
        _ = world.get(.nonPersistent, cookie: 1)
        #expect(!world.perform(world.tell(.linkGone(index: wlan))).touches(address))
        #expect(!world.perform(world.tell(.linkFound(index: 9, name: "wlan0", isUp: true))).touches(address))
    }

    @Test func oneWhoseEndWasNotToldIsMissedInTheList() {
        var world = autoconfigured()
        _ = world.get(.nonPersistent, cookie: 1)
        // A notice of it, and then the end of it among those that were lost.
        _ = world.autoconfigure(address)
        _ = world.tell(.uplinksForgotten)
        world.tellLinks()
        _ = world.tell(.uplinksListed)
        _ = world.tell(.addressesListed)
        #expect(world.get(.nonPersistent, cookie: 2) != address)
    }

    @Test func oneThatIsListedIsNotMissed() {
        var world = autoconfigured()
        _ = world.get(.nonPersistent, cookie: 1)
        for _ in 1...3 {
            _ = world.tell(.uplinksForgotten)
            world.tellLinks()
            _ = world.tell(.uplinksListed)
            _ = world.autoconfigure(address)
            _ = world.tell(.addressesListed)
        }
        #expect(world.get(.nonPersistent, cookie: 2) == address)
    }

    // MARK: After a restart

    @Test func promise1_whoWasGivenItIsKnownToTheNextDaemon() {
        let requester = Requester(cookie: 1, transport: 6, user: 1000, process: 42, inode: 9)
        let record = SocketRecord(
            requester: requester, address: address, type: .nonPersistent, owner: nil, isOnNet: false,
            isRoutedOnly: false, since: Instant(microseconds: 1))
        var world = World { $0.sources = [.routers()] }
        world.tellLinks()
        _ = world.autoconfigure(address)
        _ = world.tell(.recordFound(0, record))
        _ = world.perform(
            world.tell(.recovered),
            users: [FoundSocket(cookie: 1, address: address, transport: 6, user: 1000)])
        #expect(world.state(address) == .active)
        #expect(world.rules.socketCount == 1)
        _ = world.advertise(prefix)
        #expect(world.get(.nonPersistent, cookie: 2) == address)
        for cookie in 1...2 { _ = world.tell(.socketDestroyed(SocketCookie(cookie))) }
        #expect(!world.perform(world.pass(.seconds(30))).touches(address))
    }

    private var record: SocketRecord {
        SocketRecord(
            requester: Requester(cookie: 1, transport: 6, user: 1000, process: 42, inode: 9),
            address: address, type: .nonPersistent, owner: nil, isOnNet: false, isRoutedOnly: false,
            since: Instant(microseconds: 1))
    }

    @Test func oneThatTheNextDaemonFindsDeprecatedIsForNoNewRequest() {
        var world = World { $0.sources = [.routers()] }
        world.tellLinks()
        _ = world.autoconfigure(address, isPreferred: false)
        _ = world.tell(.recordFound(0, record))
        _ = world.perform(
            world.tell(.recovered),
            users: [FoundSocket(cookie: 1, address: address, transport: 6, user: 1000)])
        #expect(world.ask(.nonPersistent, cookie: 1).grantedAddress == nil)
        // Whoever has it keeps it.
        #expect(world.rules.addressSummary(of: address, at: world.now)?.sockets == 1)
    }

    @Test func theRecordOfOneThatIsGoneIsErased() {
        var world = World { $0.sources = [.routers()] }
        world.tellLinks()
        #expect(world.tell(.recordFound(0, record)) == [.eraseRecord(0)])
    }
}
