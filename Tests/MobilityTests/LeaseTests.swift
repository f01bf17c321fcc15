import Mobility
import Testing

/// A prefix that a source gave: from the first address of it to its being given back, or taken away.
@Suite struct LeaseTests {
    private let prefix: IPv6Prefix = "2001:db8:1::/56"
    private let wlan = World.uplink

    // MARK: The beginning

    @Test func aGrantedPrefixIsRoutedBeforeItsFirstAddressIsMade() throws {
        var world = World.asking(.servers())
        _ = world.tell(.routerFound(Router(interfaceIndex: wlan, address: "fe80::1", metric: 1024)))
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        let actions = world.grant(asked, prefix)
        let plan = try #require(actions.planned)
        #expect(
            actions == [
                .addRouting(.localRoute(prefix)), .addRouting(.table(uplink: wlan)),
                .setRouter(uplink: wlan, "fe80::1"), .addRouting(.rule(prefix, uplink: wlan)),
                .addAddress(plan),
            ])
        #expect(plan.interfaceIndex == 1 && !plan.detectsDuplicates && prefix.contains(plan.address))
        #expect(world.tell(.addressUsable(plan.address)).grantedAddress == plan.address)
    }

    @Test func laterRequestsGetAddressesOfTheSamePrefix() {
        var world = World.asking(.servers()) { $0.types.sessionLasting.share = .socket }
        _ = world.getLeased(prefix, cookie: 1)
        let second = world.ask(.sessionLasting, cookie: 2)
        #expect(second.asked == [] && second.planned.map { prefix.contains($0.address) } == true)
        // Fixed is another type, and another prefix.
        #expect(world.ask(.fixed, cookie: 3).asked.count == 1)
    }

    @Test func aProgramsPrefixWithoutAnUplinkIsLeftToTheMainTable() throws {
        var world = World.asking(.program())
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        let actions = world.grant(asked, prefix)
        #expect(actions.first == .addRouting(.localRoute(prefix)))
        #expect(actions.count { if case .addRouting = $0 { true } else { false } } == 1)
    }

    @Test func aPrefixWhoseUplinkIsNotThereIsGivenBackAndNotAskedForAgain() throws {
        var world = World.asking(.program())
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        var lease = LeasedPrefix(asked, prefix)
        lease.interface = "wwan0"
        #expect(
            world.tell(.prefixGranted(lease)) == [
                .answer(request(1), .refused(.noNetwork)), .network(.giveBack(asked.id)),
            ])
    }

    // MARK: The end

    @Test func itIsGivenBackOnceWithItsLastAddress() throws {
        var world = World.asking(.servers()) { $0.types.sessionLasting.share = .socket }
        let (lease, first) = world.getLeased(prefix, cookie: 1)
        let second = world.get(.sessionLasting, cookie: 2)
        _ = world.tell(.socketDestroyed(1))
        var done = world.perform(world.pass(.seconds(30)))
        #expect(done.removes(first) && done.said == [])
        _ = world.tell(.socketDestroyed(2))
        done = world.perform(world.pass(.seconds(30)))
        #expect(done.removes(second))
        // The address, what routes it, and then the prefix.
        #expect(
            done.suffix(4) == [
                .removeRouting(.rule(prefix, uplink: wlan)), .removeRouting(.table(uplink: wlan)),
                .removeRouting(.localRoute(prefix)), .network(.giveBack(lease)),
            ])
        #expect(world.perform(world.pass(.seconds(100))).said == [])
        // Whoever asks now is not given what is ours no longer.
        #expect(world.ask(.sessionLasting, cookie: 3).asked.count == 1)
    }

    @Test func itIsGivenBackWhenTheKernelRefusesTheAddress() throws {
        var world = World.asking(.servers())
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        let address = try #require(world.grant(asked, prefix).planned).address
        let actions = world.tell(.addressRefused(address, 1))
        #expect(actions.answers == [.refused(.kernel(1))])
        #expect(actions.said == [.giveBack(asked.id)])
    }

    @Test func itIsGivenBackWhenNobodyWaitsForTheAddressAnyMore() throws {
        var world = World.asking(.servers())
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        let address = try #require(world.grant(asked, prefix).planned).address
        _ = world.tell(.requestCancelled(request(1)))
        _ = world.tell(.addressUsable(address))
        let done = world.perform(world.pass(.seconds(30)))
        #expect(done.removes(address) && done.said == [.giveBack(asked.id)])
    }

    @Test func itIsGivenBackWhenTheDaemonStopsAndNobodyUsesIt() throws {
        var world = World.asking(.servers())
        let (lease, _) = world.getLeased(prefix, cookie: 1)
        #expect(world.perform(world.tell(.stopping)).said == [])
        _ = world.tell(.socketDestroyed(1))
        #expect(world.perform(world.tell(.stopping)).said == [.giveBack(lease)])
    }

    @Test func whatOverlapsIsGivenBackAndTheNextIsAsked() throws {
        var world = World.asking(.servers(), .program())
        _ = world.getLeased("2001:db8:1::/48", cookie: 1)
        let asked = try #require(world.ask(.sessionLasting, cookie: 2, onNet: true).asked.first)
        let actions = world.grant(asked, prefix)
        #expect(actions.contains(.report(.prefixOverlaps(prefix, source: "provider"))))
        #expect(actions.said == [.giveBack(asked.id)])
        #expect(actions.asked.map(\.source) == ["modem"])
    }

    @Test func aFixedAddressKeepsItsPrefixForEver() {
        var world = World.asking(.servers())
        let (_, address) = world.getLeased(prefix, .fixed, cookie: 1)
        _ = world.tell(.socketDestroyed(1))
        #expect(world.perform(world.pass(.seconds(1_000_000))).said == [])
        #expect(world.get(.fixed, cookie: 2) == address)
    }

    // MARK: Taken away

    @Test func promise1_theAddressesOfAPrefixThatIsTakenAwayStayWhileTheyAreUsedIfThatIsConfigured() {
        var world = World.asking(.servers()) { $0.types.sessionLasting.onLoss = .tell }
        let (lease, address) = world.getLeased(prefix, cookie: 1)
        let actions = world.perform(world.tell(.prefixWithdrawn(lease)))
        #expect(actions.contains(.report(.prefixWithdrawn(prefix, addressesInUse: 1))))
        #expect(!world.perform(world.pass(.seconds(1000))).removes(address))
        _ = world.tell(.socketDestroyed(1))
        let done = world.perform(world.pass(.seconds(1)))
        #expect(done.removes(address) && done.contains(.removeRouting(.localRoute(prefix))))
        // Nobody wants it back.
        #expect(done.said == [])
        #expect(world.tell(.prefixWithdrawn(lease)) == [])
    }

    @Test func nobodyNewGetsAddressesOfAPrefixThatIsTakenAway() throws {
        var world = World.asking(.servers())
        let (lease, old) = world.getLeased(prefix, cookie: 1)
        // Those who have one are given another.
        let asked = try #require(world.tell(.prefixWithdrawn(lease)).asked.first)
        _ = world.perform(world.grant(asked, "2001:db8:2::/56"))
        let new = world.get(.sessionLasting, cookie: 2)
        #expect(new != old)
        // Also not if it has asked before: what it has will not work for long.
        #expect(world.get(.sessionLasting, cookie: 1) == new)
    }

    @Test func promise2_whatLingersGoesWithThePrefixAtOnce() {
        var world = World.asking(.servers())
        let (lease, address) = world.getLeased(prefix, cookie: 1)
        _ = world.tell(.socketDestroyed(1))
        let done = world.perform(world.tell(.prefixWithdrawn(lease)))
        #expect(done.removes(address) && done.said == [])
        #expect(world.rules.addressCount == 0)
    }

    @Test func whoWaitsForAnAddressOfAPrefixThatIsTakenAwayIsTakenElsewhere() throws {
        var world = World.asking(.servers())
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        let address = try #require(world.grant(asked, prefix).planned).address
        let again = try #require(world.tell(.prefixWithdrawn(asked.id)).asked.first)
        // The kernel takes the old one, for nobody.
        let done = world.perform(world.tell(.addressUsable(address)) + world.pass(.zero))
        #expect(done.removes(address) && done.answers == [])
        #expect(world.perform(world.grant(again, "2001:db8:2::/56")).answers.count == 1)
    }

    @Test func promise2_deathsAreNotFollowedForARequestThatWasTakenElsewhereInVain() throws {
        var world = World.asking(.servers())
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        _ = world.grant(asked, prefix)
        _ = world.tell(.linkFound(index: wlan, name: "wlan0", isUp: true, isRunning: false))
        #expect(world.tell(.prefixWithdrawn(asked.id)).answers == [.refused(.noNetwork)])
        #expect(world.pass(.seconds(1)).contains(.stopFollowingSocketDeaths))
    }

    @Test func aPrefixThatIsGivenAgainWhileOldSocketsHaveItIsOursAgain() throws {
        // As after a sleep that was longer than its lifetime: servers remember whom they gave what.
        var world = World.asking(.servers())
        let (old, address) = world.getLeased(prefix, cookie: 1)
        let asked = try #require(world.tell(.prefixWithdrawn(old)).asked.first)
        #expect(world.grant(asked, prefix).said == [])
        #expect(world.get(.sessionLasting, cookie: 2) == address)
        // It is given back as any other.
        for cookie in 1...2 { _ = world.tell(.socketDestroyed(SocketCookie(cookie))) }
        #expect(world.perform(world.pass(.seconds(30))).said == [.giveBack(asked.id)])
    }

    @Test func itIsOursAgainAlsoByAnotherUplink() throws {
        var world = World.asking(.servers(on: ["*"]))
        let ethernet = World.ethernet
        _ = world.tell(.routerFound(Router(interfaceIndex: wlan, address: "fe80::1", metric: 1)))
        let (old, address) = world.getLeased(prefix, cookie: 1)
        _ = world.tell(.prefixWithdrawn(old))
        _ = world.tell(.linkFound(index: wlan, name: "wlan0", isUp: true, isRunning: false))
        let asked = try #require(world.ask(.sessionLasting, cookie: 2).asked.first)
        #expect(asked.interface == "eth0")
        let actions = world.grant(asked, prefix)
        #expect(actions.grantedAddress == address && actions.said == [])
        #expect(actions.contains(.removeRouting(.rule(prefix, uplink: wlan))))
        #expect(actions.contains(.addRouting(.rule(prefix, uplink: ethernet))))
    }

    @Test func itIsOursAgainForAnotherTypeToo() throws {
        var world = World.asking(.servers())
        let (old, address) = world.getLeased(prefix, cookie: 1)
        _ = world.tell(.prefixWithdrawn(old))
        let asked = try #require(world.ask(.fixed, cookie: 2).asked.first)
        let done = world.perform(world.grant(asked, prefix))
        #expect(done.said == [] && done.grantedAddress.map { prefix.contains($0) } == true)
        // The old address is of the old type, which the prefix is not for any more.
        #expect(done.grantedAddress != address)
        #expect(world.ask(.sessionLasting, cookie: 3).grantedAddress == nil)
    }

    @Test func itIsOursAgainAlsoIfSomebodyElseHasTheOldAddress() throws {
        var world = World.asking(.servers())
        let (old, address) = world.getLeased(prefix, cookie: 1)
        let asked = try #require(world.tell(.prefixWithdrawn(old)).asked.first)
        for _ in 1...4 {
            _ = world.perform(world.tell(.addressLost(address)))
            _ = world.pass(.seconds(2))
        }
        #expect(world.ask(.sessionLasting, cookie: 2).asked == [])
        let done = world.perform(world.grant(asked, prefix))
        #expect(done.said == [] && done.grantedAddress.map { prefix.contains($0) } == true)
        #expect(done.grantedAddress != address)
    }

    @Test func aPartOfItIsOursAgainOnTheSameUplink() throws {
        var world = World.asking(.servers())
        let (old, address) = world.getLeased(prefix, cookie: 1)
        let asked = try #require(world.tell(.prefixWithdrawn(old)).asked.first)
        #expect(world.ask(.sessionLasting, cookie: 2).asked == [])
        let done = world.perform(world.grant(asked, "2001:db8:1::/60"))
        #expect(done.said == [] && done.grantedAddress.map { $0 != address } == true)
        // Each goes with the last socket of its own.
        _ = world.tell(.socketDestroyed(1))
        let first = world.perform(world.pass(.seconds(1)))
        #expect(first.removes(address) && first.contains(.removeRouting(.localRoute(prefix))))
        _ = world.tell(.socketDestroyed(2))
        #expect(first.said == [] && world.perform(world.pass(.seconds(30))).said == [.giveBack(asked.id)])
    }

    @Test func aSingleAddressThatANeighbourHasIsNotOursAgain() throws {
        var world = onLink()
        let (_, address) = world.getLeased(single, cookie: 1)
        #expect(world.tell(.addressDuplicate(address)).said.count == 1)
        let asked = try #require(world.ask(.sessionLasting, cookie: 2).asked.first)
        let actions = world.grant(asked, single)
        #expect(actions.said == [.giveBack(asked.id)] && actions.answers.count == 1)
        #expect(!actions.touches(address))
    }

    // MARK: A single address on the link (IA_NA)

    private let single: IPv6Prefix = "2001:db8:9::5/128"

    private func onLink(_ change: (inout Configuration) -> Void = { _ in }) -> World {
        World.asking(.servers(place: .interface), change: change)
    }

    @Test func aSingleAddressStandsOnTheLinkAndIsDetected() throws {
        var world = onLink()
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        let plan = try #require(world.grant(asked, single).planned)
        #expect(plan.address == single.address && plan.interfaceIndex == wlan && plan.detectsDuplicates)
    }

    @Test func aDuplicateIsDeclinedAndAnotherAskedForThreeTimes() throws {
        var world = onLink()
        var asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        for last in 1...2 {
            let prefix = IPv6Prefix(host: IPv6Address(high: 0x2001_0db8 << 32, low: UInt64(last)))
            _ = world.grant(asked, prefix)
            let actions = world.perform(world.tell(.addressDuplicate(prefix.address)))
            #expect(actions.removes(prefix.address) && actions.answers == [])
            #expect(actions.said == [.decline(asked.id)])
            asked = try #require(actions.asked.first)
        }
        _ = world.grant(asked, single)
        let actions = world.perform(world.tell(.addressDuplicate(single.address)))
        #expect(actions.answers == [.refused(.duplicate)])
        #expect(actions.said == [.decline(asked.id)] && actions.asked == [])
        #expect(world.rules.addressCount == 0)
    }

    @Test func aDuplicateThatNobodyWaitsForAnyMoreIsDeclinedToo() throws {
        var world = onLink()
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        _ = world.grant(asked, single)
        _ = world.tell(.requestCancelled(request(1)))
        let actions = world.perform(world.tell(.addressDuplicate(single.address)) + world.pass(.zero))
        #expect(actions.removes(single.address))
        #expect(actions.said == [.decline(asked.id)])
    }

    @Test(arguments: [TypePolicy.Share.socket, .user])
    func whoSharesNothingNeedsAnAddressOfHisOwn(_ share: TypePolicy.Share) throws {
        var world = onLink { $0.types.sessionLasting.share = share }
        let asked = try #require(world.ask(.sessionLasting, cookie: 1, user: 1).asked.first)
        #expect(world.ask(.sessionLasting, cookie: 2, user: 2).asked == [])
        let actions = world.grant(asked, single)
        #expect(actions.planned?.address == single.address)
        let second = try #require(actions.asked.first)
        #expect(world.tell(.addressUsable(single.address)).answers.count == 1)
        let other: IPv6Prefix = "2001:db8:9::6/128"
        #expect(world.perform(world.grant(second, other)).grantedAddress == other.address)
        #expect(world.ask(.sessionLasting, cookie: 3, user: 3).asked.count == 1)
    }

    @Test func aSingleAddressInAnAdvertisedPrefixIsNobodyElses() throws {
        var world = World.asking(.servers(place: .interface), .routers())
        _ = world.autoconfigure("2001:db8:9::aaaa")
        _ = world.advertise("2001:db8:9::/64")
        #expect(world.get(.nonPersistent, cookie: 1) == "2001:db8:9::aaaa")
        #expect(world.getLeased(single, cookie: 2).address == single.address)
    }
}
