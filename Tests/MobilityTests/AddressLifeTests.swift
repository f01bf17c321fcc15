import Mobility
import Testing

/// acquiring → configuring → active ⇄ lingering → removed.
@Suite struct AddressLifeTests {
    @Test func aNewAddressIsConfiguredBeforeItIsGiven() throws {
        var world = World()
        let actions = world.ask(.sessionLasting, cookie: 7)
        let plan = try #require(actions.planned)
        #expect(
            actions == [.addRouting(.localRoute("2001:db8:a::/56")), .followSocketDeaths, .addAddress(plan)])
        #expect(plan.type == .sessionLasting)
        #expect(plan.interfaceIndex == 1)
        #expect(!plan.detectsDuplicates)
        #expect(world.state(plan.address) == .configuring)

        let answered = world.tell(.addressUsable(plan.address))
        #expect(
            answered.withoutRecords == [
                .answer(request(1), .granted(Grant(address: plan.address, type: .sessionLasting)))
            ])
        #expect(world.state(plan.address) == .active)
    }

    @Test func requestsThatComeMeanwhileWaitForTheSameAddressAndAreAnsweredInOrder() throws {
        var world = World()
        let address = try #require(world.ask(.sessionLasting, cookie: 7).planned).address
        #expect(world.ask(.sessionLasting, cookie: 8) == [])
        #expect(world.ask(.sessionLasting, cookie: 9) == [])
        let grant = Answer.granted(Grant(address: address, type: .sessionLasting))
        #expect(
            world.tell(.addressUsable(address)).withoutRecords == [
                .answer(request(1), grant), .answer(request(2), grant), .answer(request(3), grant),
            ])
        #expect(world.rules.socketCount == 3)
    }

    @Test func anAddressThatIsThereIsGivenAtOnce() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 7)
        #expect(
            world.ask(.sessionLasting, cookie: 8).withoutRecords == [
                .answer(request(2), .granted(Grant(address: address, type: .sessionLasting)))
            ])
    }

    @Test func theLastSocketsEndStartsTheLingerTimeAndTheKernelIsAskedBeforeTheEnd() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 7)
        #expect(world.ask(.sessionLasting, cookie: 8).grantedAddress == address)
        #expect(world.tell(.socketDestroyed(7)).withoutRecords == [])
        #expect(world.state(address) == .active)
        #expect(world.tell(.socketDestroyed(8)).withoutRecords == [])
        #expect(world.state(address) == .lingering)

        _ = world.pass(.milliseconds(29_999))
        #expect(world.state(address) == .lingering)
        let due = world.pass(.milliseconds(1))
        #expect(due.contains(.findSockets(IPv6Prefix(host: address))))
        #expect(!due.removes(address))
        #expect(world.tell(.socketsListed(IPv6Prefix(host: address))).removes(address))
        #expect(world.state(address) == .removing)
        _ = world.tell(.addressRemoved(address))
        #expect(world.state(address) == nil)
        #expect(world.rules.addressCount == 0)
    }

    @Test func aLingeringAddressComesBackToLifeAndItsOldEndIsForgotten() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 7)
        _ = world.tell(.socketDestroyed(7))
        _ = world.pass(.seconds(20))
        #expect(world.get(.sessionLasting, cookie: 8) == address)
        #expect(!world.pass(.seconds(20)).contains(.findSockets(IPv6Prefix(host: address))))
        _ = world.tell(.socketDestroyed(8))
        #expect(!world.pass(.seconds(29)).contains(.findSockets(IPv6Prefix(host: address))))
        #expect(world.pass(.seconds(1)).contains(.findSockets(IPv6Prefix(host: address))))
    }

    @Test func withoutALingerTimeTheKernelIsAskedAsSoonAsTheClockIsLookedAt() {
        var world = World { $0.types.sessionLasting.linger = .zero }
        let address = world.get(.sessionLasting, cookie: 7)
        #expect(world.tell(.socketDestroyed(7)).withoutRecords == [])
        #expect(world.rules.nextDeadline == world.now)
        let actions = world.pass(.zero)
        #expect(actions == [.findSockets(IPv6Prefix(host: address))])
        #expect(world.perform(actions).removes(address))
    }

    @Test func aFixedAddressLingersForEver() {
        var world = World()
        let address = world.get(.fixed, cookie: 7)
        _ = world.tell(.socketDestroyed(7))
        #expect(!world.pass(.seconds(1_000_000)).removes(address))
        #expect(world.state(address) == .lingering)
    }

    @Test func aKernelThatRefusesIsReportedToAllWhoWaitAndNothingIsLeft() throws {
        var world = World()
        let address = try #require(world.ask(.sessionLasting, cookie: 7).planned).address
        _ = world.ask(.sessionLasting, cookie: 8)
        #expect(
            world.tell(.addressRefused(address, 1)) == [
                .answer(request(1), .refused(.kernel(1))), .answer(request(2), .refused(.kernel(1))),
                .removeRouting(.localRoute("2001:db8:a::/56")),
            ])
        #expect(world.rules.addressCount == 0)
        #expect(world.rules.sourceSummaries().first?.addresses == 0)
    }

    @Test func theAdministratorHoldsAnAddressWithoutASocket() throws {
        var world = World()
        let done = world.perform(world.acquire(.sessionLasting))
        let address = try #require(done.grantedAddress)
        #expect(!world.pass(.seconds(1000)).removes(address))
        let released = world.tell(.released(address))
        #expect(world.perform(released).removes(address))
    }

    @Test func aReleasedAddressInUseGoesWithItsLastSocketAndNobodyNewGetsIt() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 7)
        #expect(world.tell(.released(address)) == [])
        #expect(world.get(.sessionLasting, cookie: 8) != address)
        #expect(world.state(address) == .active)
        _ = world.tell(.socketDestroyed(7))
        #expect(world.perform(world.pass(.zero)).removes(address))
    }

    @Test func theKernelIsAskedOnceAboutManyAddressesThatEndTogether() {
        var world = World()
        for cookie in 1...20 { _ = world.get(.sessionLasting, cookie: UInt64(cookie), onNet: true) }
        let kept = world.get(.sessionLasting, cookie: 21, onNet: true)
        for cookie in 1...20 { _ = world.tell(.socketDestroyed(UInt64(cookie))) }
        let asked = world.pass(.seconds(30))
        #expect(asked == [.findSockets("2001:db8:a::/56")])
        _ = world.perform(asked)
        #expect(world.rules.addressSummaries(at: world.now).map(\.address) == [kept])
    }
}
