import Mobility
import Testing

/// Somebody else takes away or changes what is ours.
@Suite struct RestoringTests {
    private let home: IPv6Prefix = "2001:db8:a::/56"

    private func restoring(_ actions: [Action]) -> IPv6Address? {
        for case .restoreAddress(let plan) in actions { return plan.address }
        return nil
    }

    @Test func promise1_anAddressInUseIsPutBackAndTheAdministratorIsTold() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 1)
        #expect(restoring(world.tell(.addressLost(address))) == address)
        // Nobody is told of it before it is there again.
        #expect(world.ask(.sessionLasting, cookie: 2).answer == nil)
        let back = world.tell(.addressUsable(address))
        #expect(back.first == .report(.putBack(.address(address))))
        #expect(back.grantedAddress == address)
    }

    @Test func afterThreeTimesInAMinuteItIsLeftToWhoeverTakesItAway() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 1)
        for _ in 1...3 {
            _ = world.perform(world.tell(.addressLost(address)))
            _ = world.pass(.seconds(2))
        }
        #expect(world.tell(.addressLost(address)) == [.report(.gaveUp(.address(address)))])
        #expect(world.get(.sessionLasting, cookie: 2) != address)
        _ = world.tell(.socketDestroyed(1))
        let done = world.perform(world.pass(.zero))
        #expect(world.state(address) == nil && !done.removes(address))
    }

    @Test func whoFlushesUntilNothingIsLeftIsWaitedFor() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 1)
        _ = world.perform(world.tell(.addressLost(address)))
        #expect(restoring(world.tell(.addressLost(address))) == nil)
        #expect(world.ask(.sessionLasting, cookie: 2).answer == nil)
        let back = world.perform(world.pass(.seconds(1)))
        #expect(restoring(back) == address && back.grantedAddress == address)
        let lost = OwnRouting.localRoute(home)
        #expect(world.tell(.routingLost(lost)) != [])
        #expect(world.tell(.routingLost(lost)) == [])
        #expect(world.pass(.seconds(1)).first == .addRouting(lost))
    }

    @Test func promise1_whatWasReleasedAndIsInUseComesBackWithItsInterfaceAndIsForNobodyNew() {
        var world = World.withUplink(place: .interface)
        let address = world.get(.sessionLasting, cookie: 1)
        _ = world.tell(.released(address))
        _ = world.perform(world.tell(.linkGone(index: 3)))
        let back = world.perform(world.tell(.linkFound(index: 9, name: "wlan0", isUp: true)))
        #expect(restoring(back) == address)
        #expect(world.get(.sessionLasting, cookie: 2) != address)
        _ = world.tell(.socketDestroyed(1))
        #expect(world.perform(world.pass(.zero)).removes(address))
    }

    @Test func theAdministratorIsToldOnceOfAnAddressThatWasReleasedAndThatANeighbourHas() {
        var world = World.withUplink(place: .interface)
        let address = world.get(.sessionLasting, cookie: 1)
        _ = world.tell(.released(address))
        #expect(world.tell(.addressDuplicate(address)) == [.report(.lostToNeighbour(address))])
        #expect(world.tell(.addressDuplicate(address)) == [])
    }

    @Test func promise2_whatCannotBePutBackForWhoAsksIsRemovedIfItIsThereNevertheless() {
        // The notice that it is lost may be older than its being put back.
        var world = World()
        let address = world.get(.sessionLasting, cookie: 1)
        _ = world.tell(.socketDestroyed(1))
        _ = world.tell(.addressLost(address))
        _ = world.tell(.socketsUnknown(IPv6Prefix(host: address)))
        #expect(restoring(world.ask(.sessionLasting, cookie: 2)) == address)
        let actions = world.tell(.addressRefused(address, 1))
        #expect(actions.answers == [.refused(.kernel(1))])
        #expect(actions.contains(.removeIfOurs(address, interfaceIndex: 1)))
        #expect(world.state(address) == nil)
    }

    // MARK: Pauses

    /// Somebody takes the address away twice in a row: it comes back after a second.
    private func pausing(_ world: inout World, _ address: IPv6Address) {
        _ = world.perform(world.tell(.addressLost(address)))
        #expect(restoring(world.tell(.addressLost(address))) == nil)
    }

    @Test func aPauseThatAnInterfaceEndedDoesNotPutBackWhatIsInAnotherPause() {
        var world = World.withUplink(place: .interface)
        let address = world.get(.sessionLasting, cookie: 1)
        pausing(&world, address)
        _ = world.pass(.milliseconds(600))
        // The interface goes and comes: that is no quarrel, and the address is there again.
        _ = world.tell(.linkGone(index: 3))
        #expect(
            restoring(world.perform(world.tell(.linkFound(index: 9, name: "wlan0", isUp: true)))) == address)
        // Lost in what is left of the pause, it comes back when that ends, once.
        #expect(restoring(world.perform(world.tell(.addressLost(address)))) == nil)
        let back = world.perform(world.pass(.milliseconds(400)))
        #expect(back.count { if case .restoreAddress = $0 { true } else { false } } == 1)
    }

    @Test func aRefusalThatIsTriedAgainDoesNotShortenAPause() {
        var world = World()
        _ = world.tell(.linkFound(index: 1, name: "lo", isUp: true))
        let address = world.get(.sessionLasting, cookie: 1)
        _ = world.tell(.addressLost(address))
        _ = world.tell(.addressRefused(address, 12))
        _ = world.pass(.milliseconds(4_500))
        // It is there before it is tried again.
        _ = world.perform(world.tell(.addressUsable(address)))
        pausing(&world, address)
        #expect(restoring(world.pass(.milliseconds(999))) == nil)
        #expect(restoring(world.pass(.milliseconds(1))) == address)
    }

    @Test func aPauseForAnAddressThatIsGoneIsNobodyElses() {
        var world = World()
        let first = world.get(.sessionLasting, cookie: 1)
        pausing(&world, first)
        _ = world.tell(.socketDestroyed(1))
        _ = world.pass(.milliseconds(500))
        // Another is at the same place, and has a pause of its own.
        let second = world.get(.sessionLasting, cookie: 2)
        pausing(&world, second)
        #expect(restoring(world.pass(.milliseconds(999))) == nil)
        #expect(restoring(world.pass(.milliseconds(1))) == second)
    }

    @Test func routingThatIsThereAgainBeforeItsPauseEndsIsNotPutBackOnceMore() {
        var world = World.withUplink(place: .interface)
        _ = world.get(.sessionLasting, cookie: 1)
        let lost = OwnRouting.linkRoute(home, uplink: 3)
        _ = world.tell(.routingLost(lost))
        #expect(world.tell(.routingLost(lost)) == [])
        _ = world.tell(.linkFound(index: 3, name: "wlan0", isUp: false))
        let up = world.tell(.linkFound(index: 3, name: "wlan0", isUp: true))
        #expect(up.contains(.addRouting(lost)))
        #expect(world.pass(.seconds(2)) == [])
    }

    @Test func routingThatIsLostAgainBeforeItsPauseEndsIsPutBackThen() {
        var world = World.withUplink(place: .interface)
        _ = world.get(.sessionLasting, cookie: 1)
        let lost = OwnRouting.linkRoute(home, uplink: 3)
        _ = world.tell(.routingLost(lost))
        #expect(world.tell(.routingLost(lost)) == [])
        _ = world.tell(.linkFound(index: 3, name: "wlan0", isUp: false))
        _ = world.tell(.linkFound(index: 3, name: "wlan0", isUp: true))
        #expect(world.tell(.routingLost(lost)) == [])
        #expect(world.pass(.seconds(2)) == [.addRouting(lost), .report(.putBack(.routing(lost)))])
    }

    @Test func aPauseForRoutingThatIsNotNeededAnyMoreIsNotThatOfItsNextLife() {
        var world = World { $0.types.sessionLasting.linger = .zero }
        _ = world.get(.sessionLasting, cookie: 1)
        let lost = OwnRouting.localRoute(home)
        _ = world.tell(.routingLost(lost))
        #expect(world.tell(.routingLost(lost)) == [])
        _ = world.tell(.socketDestroyed(1))
        #expect(world.perform(world.pass(.milliseconds(500))).contains(.removeRouting(lost)))
        _ = world.get(.sessionLasting, cookie: 2)
        _ = world.tell(.routingLost(lost))
        #expect(world.tell(.routingLost(lost)) == [])
        #expect(!world.pass(.milliseconds(999)).contains(.addRouting(lost)))
        #expect(world.pass(.milliseconds(1)).contains(.addRouting(lost)))
    }

    @Test func aTableThatIsFlushedIsOneLossHoweverManyRoutesItHas() {
        var world = World.withUplink()
        _ = world.get(.sessionLasting, cookie: 1)
        let table = OwnRouting.table(uplink: 3)
        for _ in 1...10 {
            #expect(!world.tell(.routingLost(table)).contains(.report(.gaveUp(.routing(table)))))
        }
        #expect(world.pass(.seconds(1)).contains(.addRouting(table)))
        // The third time within the minute, and the fourth.
        #expect(world.tell(.routingLost(table)).contains(.addRouting(table)))
        #expect(world.tell(.routingLost(table)) == [.report(.gaveUp(.routing(table)))])
        #expect(!world.pass(.seconds(2)).contains(.addRouting(table)))
    }

    @Test func whatWasGivenUpIsHeldAllTheSameWhenItsInterfaceGoes() throws {
        var world = World.withUplink(place: .interface)
        let held = try #require(world.perform(world.acquire(.sessionLasting)).grantedAddress)
        for _ in 1...4 {
            _ = world.perform(world.tell(.addressLost(held)))
            _ = world.perform(world.pass(.seconds(2)))
        }
        _ = world.perform(world.tell(.linkGone(index: 3)))
        #expect(world.rules.addressSummary(of: held, at: world.now)?.isHeld == true)
    }

    @Test func aMinuteLaterItIsPutBackAgain() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 1)
        for _ in 1...10 {
            #expect(restoring(world.perform(world.tell(.addressLost(address)))) == address)
            _ = world.pass(.seconds(21))
        }
    }

    @Test func promise3_anAddressThatNobodyUsesIsLetGoAndWhatIsThereInsteadIsNotTouched() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 1)
        _ = world.tell(.socketDestroyed(1))
        let done = world.perform(world.tell(.addressOverwritten(address, interfaceIndex: 1)))
        #expect(done.contains(.report(.letGo(address))) && !done.removes(address))
        #expect(world.state(address) == nil)
    }

    @Test func promise1_aSocketThatIsBoundByHandIsAUseToo() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 1)
        _ = world.tell(.socketDestroyed(1))
        let stranger = FoundSocket(cookie: 5, address: address, transport: 6, user: 0)
        let done = world.perform(world.tell(.addressLost(address)), users: [stranger])
        #expect(restoring(done) == address)
        #expect(world.state(address) == .active)
    }

    @Test func whoAsksWhileItIsMissingGetsItWhenItIsBack() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 1)
        _ = world.tell(.socketDestroyed(1))
        #expect(world.tell(.addressLost(address)) == [.findSockets(IPv6Prefix(host: address))])
        _ = world.tell(.socketsUnknown(IPv6Prefix(host: address)))
        let actions = world.ask(.sessionLasting, cookie: 2)
        #expect(actions.answer == nil && restoring(actions) == address)
        #expect(world.tell(.addressUsable(address)).grantedAddress == address)
    }

    @Test func promise1_anAddressThatWasReplacedGetsOurMarkBack() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 1)
        #expect(world.tell(.addressOverwritten(address, interfaceIndex: 9)) == [])
        #expect(restoring(world.tell(.addressOverwritten(address, interfaceIndex: 1))) == address)
    }

    @Test func promise1_whatTheKernelDoesNotTakeBackIsTriedAgain() {
        var world = World.withUplink()
        let address = world.get(.sessionLasting, cookie: 1)
        _ = world.tell(.addressLost(address))
        _ = world.tell(.addressRefused(address, 12))
        #expect(restoring(world.pass(.seconds(5))) == address)
        _ = world.tell(.addressUsable(address))
        #expect(world.state(address) == .active)
        #expect(world.pass(.seconds(100)) == [])
    }

    @Test func anInterfaceThatGoesDownAndUpAgainAndAgainIsNoQuarrel() {
        var world = World.withUplink(place: .interface)
        let address = world.get(.sessionLasting, cookie: 1)
        for _ in 1...10 {
            _ = world.tell(.linkFound(index: 3, name: "wlan0", isUp: false))
            #expect(restoring(world.perform(world.tell(.addressLost(address)))) == address)
            let up = world.tell(.linkFound(index: 3, name: "wlan0", isUp: true))
            #expect(up.contains(.addRouting(.linkRoute(home, uplink: 3))))
            #expect(up.last == .listAddresses)
        }
    }

    @Test func promise1_afterLostNoticesWhatIsMissingIsPutBack() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 1)
        _ = world.tell(.addressListed(address))
        #expect(restoring(world.tell(.addressesListed)) == nil)
        #expect(restoring(world.tell(.addressesListed)) == address)
    }

    @Test func anAddressWhoseDetectionRunsAgainIsGivenWhenItIsReady() {
        var world = World.withUplink(place: .interface)
        let address = world.get(.sessionLasting, cookie: 1)
        _ = world.tell(.addressTentative(address))
        #expect(world.ask(.sessionLasting, cookie: 2).answer == nil)
        #expect(world.tell(.addressUsable(address)).grantedAddress == address)
    }

    @Test func anAddressInUseThatANeighbourHasIsGivenToNobodyNewAndStaysForThoseWhoHaveIt() throws {
        var world = World.withUplink(place: .interface)
        let address = world.get(.sessionLasting, cookie: 1)
        #expect(world.tell(.addressDuplicate(address)) == [.report(.lostToNeighbour(address))])
        #expect(try #require(world.ask(.sessionLasting, cookie: 2).planned).address != address)
        _ = world.tell(.socketDestroyed(1))
        #expect(world.perform(world.pass(.zero)).removes(address))
    }

    @Test func routingThatIsNeededIsPutBackThreeTimesInAMinute() {
        var world = World.withUplink(place: .interface)
        _ = world.tell(.routerFound(Router(interfaceIndex: 3, address: "fe80::1", metric: 1)))
        _ = world.get(.sessionLasting, cookie: 1)
        for lost in [OwnRouting.rule(home, uplink: 3), .linkRoute(home, uplink: 3)] {
            for _ in 1...3 {
                _ = world.pass(.seconds(2))
                #expect(
                    world.tell(.routingLost(lost)) == [.addRouting(lost), .report(.putBack(.routing(lost)))])
            }
            #expect(world.tell(.routingLost(lost)) == [.report(.gaveUp(.routing(lost)))])
        }
        #expect(
            world.tell(.routingLost(.table(uplink: 3))) == [
                .addRouting(.table(uplink: 3)), .setRouter(uplink: 3, "fe80::1"),
                .report(.putBack(.routing(.table(uplink: 3)))),
            ])
        #expect(world.tell(.routingLost(.rule("2001:db8:ff::/48", uplink: 3))) == [])
    }

    @Test func routingThatWentWithAnInterfaceIsMadeWhenTheInterfaceIsUp() {
        var world = World.withUplink(place: .interface)
        _ = world.get(.sessionLasting, cookie: 1)
        _ = world.tell(.linkFound(index: 3, name: "wlan0", isUp: false))
        #expect(world.tell(.routingLost(.linkRoute(home, uplink: 3))) == [])
        let up = world.tell(.linkFound(index: 3, name: "wlan0", isUp: true))
        #expect(up.contains(.addRouting(.linkRoute(home, uplink: 3))))
    }
}
