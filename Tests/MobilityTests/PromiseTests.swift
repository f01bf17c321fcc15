import Mobility
import Testing

/// The promises of the design, as far as the rules alone can keep or break them.
@Suite struct PromiseTests {
    @Test func promise3_anAddressOfSomebodyElseIsNotRemovedWhenNobodyWaitsForItAnyMore() throws {
        var world = World()
        let plan = try #require(world.ask(.sessionLasting, cookie: 1).planned)
        _ = world.tell(.requestCancelled(request(1)))
        // It was on this host already.
        let actions = world.perform(world.tell(.addressTaken(plan.address)) + world.pass(.seconds(100)))
        #expect(!actions.removes(plan.address))
        #expect(world.rules.addressCount == 0)
    }

    @Test func promise1_anAddressStaysWhileTheKernelListsASocketOnIt() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 7)
        _ = world.tell(.socketDestroyed(7))
        // An accepted connection, which nobody told us of.
        let accepted = FoundSocket(cookie: 70, address: address, transport: 6, user: 33)
        let done = world.perform(world.pass(.seconds(30)), users: [accepted])
        #expect(!done.removes(address))
        #expect(world.state(address) == .active)
        #expect(world.rules.socketCount == 1)
        // It is followed like any other from then on.
        _ = world.tell(.socketDestroyed(70))
        #expect(world.perform(world.pass(.seconds(30))).removes(address))
    }

    @Test func promise1_inDoubtAnAddressStaysAndIsLookedAtAgain() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 7)
        _ = world.tell(.socketDestroyed(7))
        let prefix = IPv6Prefix(host: address)
        #expect(world.pass(.seconds(30)).contains(.findSockets(prefix)))
        #expect(!world.tell(.socketsUnknown(prefix)).removes(address))
        #expect(world.pass(.seconds(1)).contains(.findSockets(prefix)))
        #expect(world.tell(.socketsListed(prefix)).removes(address))
    }

    @Test func promise1_aSocketThatAskedTwiceKeepsBothAddresses() {
        var world = World()
        let first = world.get(.sessionLasting, cookie: 7)
        let second = world.get(.nonPersistent, cookie: 7)
        #expect(first != second)
        #expect(world.rules.latestGrant(of: 7)?.address == second)
        #expect(
            !world.perform(world.pass(.seconds(100))).contains {
                if case .removeAddress = $0 { true } else { false }
            })
        _ = world.tell(.socketDestroyed(7))
        let done = world.perform(world.pass(.seconds(30)))
        #expect(done.removes(first) && done.removes(second))
    }

    @Test func promise1_aUserWhoComesBetweenTheQuestionAndTheAnswerKeepsTheAddress() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 7)
        _ = world.tell(.socketDestroyed(7))
        _ = world.pass(.seconds(30))
        #expect(world.get(.sessionLasting, cookie: 8) == address)
        #expect(world.tell(.socketsListed(IPv6Prefix(host: address))) == [])
        #expect(world.state(address) == .active)
    }

    @Test func promise2_everythingGoesWhenTheLastSocketIsGone() {
        var world = World { $0.types.fixed.linger = .seconds(1) }
        for cookie in 1...200 {
            _ = world.get(
                cookie % 2 == 0 ? .sessionLasting : .nonPersistent, cookie: UInt64(cookie),
                onNet: cookie % 3 == 0)
        }
        _ = world.get(.fixed, cookie: 500)
        for cookie in 1...500 { _ = world.perform(world.tell(.socketDestroyed(UInt64(cookie)))) }
        _ = world.perform(world.pass(.seconds(30)))
        #expect(world.rules.addressCount == 0)
        #expect(world.rules.socketCount == 0)
        #expect(world.pass(.seconds(1)) == [.stopFollowingSocketDeaths])
    }

    @Test func promise2_aSocketThatDiesWhileItWaitsKeepsNothing() throws {
        var world = World()
        let address = try #require(world.ask(.sessionLasting, cookie: 7).planned).address
        #expect(world.tell(.socketDestroyed(7)) == [.answer(request(1), .refused(.socketDestroyed))])
        _ = world.tell(.addressUsable(address))
        #expect(world.state(address) == .lingering)
    }

    @Test func promise2_whatOnlyLingersGoesWhenTheDaemonStops() {
        var world = World()
        let used = world.get(.sessionLasting, cookie: 7)
        let lingering = world.get(.nonPersistent, cookie: 8)
        _ = world.tell(.socketDestroyed(8))
        let fixed = world.get(.fixed, cookie: 9)
        _ = world.tell(.socketDestroyed(9))
        let done = world.perform(world.tell(.stopping))
        #expect(done.removes(lingering))
        #expect(!done.removes(used) && !done.removes(fixed))
    }

    @Test func promise3_anAddressThatSomebodyElseHasIsNotTouched() throws {
        var world = World()
        let theirs = try #require(world.ask(.sessionLasting, cookie: 7).planned).address
        let actions = world.tell(.addressTaken(theirs))
        #expect(!actions.removes(theirs))
        let ours = try #require(actions.planned).address
        #expect(ours != theirs)
        #expect(world.tell(.addressUsable(ours)).grantedAddress == ours)
    }

    @Test func promise3_anAddressThatSomebodyElseHasIsNotTouchedWhenNobodyWaitsAnyMore() throws {
        var world = World()
        let theirs = try #require(world.ask(.sessionLasting, cookie: 7).planned).address
        _ = world.tell(.requestCancelled(request(1)))
        let done = world.perform(world.tell(.addressTaken(theirs)) + world.pass(.seconds(100)))
        #expect(!done.touches(theirs) && done.planned == nil)
        #expect(world.rules.addressCount == 0)
    }

    @Test func promise2_anAddressOfOursThatANeighbourHasGoesWhenNobodyWaitsAnyMore() throws {
        var world = World.withUplink(place: .interface)
        let address = try #require(world.ask(.sessionLasting, cookie: 7).planned).address
        _ = world.tell(.requestCancelled(request(1)))
        let done = world.perform(world.tell(.addressDuplicate(address)) + world.pass(.zero))
        #expect(done.removes(address))
        #expect(world.rules.addressCount == 0)
    }

    @Test func promise5_aRequestIsRefusedAtItsDeadlineAndOnlyOnce() throws {
        var world = World()
        let address = try #require(world.ask(.sessionLasting, cookie: 7).planned).address
        #expect(world.pass(.milliseconds(9_999)).answer == nil)
        #expect(world.pass(.milliseconds(1)) == [.answer(request(1), .refused(.timedOut))])
        #expect(world.tell(.addressUsable(address)).answer == nil)
        #expect(world.pass(.seconds(20)).answer == nil)
    }

    @Test func promise5_eachOfManyRequestsHasItsOwnDeadline() {
        var world = World()
        _ = world.ask(.sessionLasting, cookie: 7)
        _ = world.pass(.seconds(4))
        _ = world.ask(.sessionLasting, cookie: 8)
        #expect(world.pass(.seconds(6)) == [.answer(request(1), .refused(.timedOut))])
        #expect(world.pass(.seconds(3)) == [])
        #expect(world.pass(.seconds(1)).contains(.answer(request(2), .refused(.timedOut))))
    }

    @Test func promise5_aCancelledRequestIsNotAnswered() throws {
        var world = World()
        let address = try #require(world.ask(.sessionLasting, cookie: 7).planned).address
        #expect(world.tell(.requestCancelled(request(1))) == [])
        #expect(world.tell(.addressUsable(address)) == [])
        #expect(world.state(address) == .lingering)
        #expect(world.rules.socketCount == 0)
    }

    @Test func promise6_oneSocketGetsNoMoreThanSixteenAddresses() {
        var world = World()
        for _ in 0..<Rules.addressesPerSocket { _ = world.get(.sessionLasting, cookie: 7, onNet: true) }
        #expect(world.ask(.sessionLasting, cookie: 7, onNet: true).answer == .refused(.tooManyAddresses))
        // What it has, it may ask for again.
        #expect(world.ask(.sessionLasting, cookie: 7).grantedAddress != nil)
    }
}
