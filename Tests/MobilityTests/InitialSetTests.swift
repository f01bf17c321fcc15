import Mobility
import Testing

/// Addresses that are there before anybody asks (`Acquire=boot`).
@Suite struct InitialSetTests {
    private func world(_ change: (inout Configuration) -> Void = { _ in }) -> World {
        World {
            $0.types.sessionLasting.isAcquiredAtBoot = true
            $0.types.sessionLasting.linger = .zero
            change(&$0)
        }
    }

    /// Session-lasting addresses that are there for everybody.
    private func initial(_ world: World) -> [AddressSummary] {
        world.rules.addressSummaries(at: world.now).filter(\.isInitial)
    }

    @Test func theAddressIsThereBeforeAnybodyAsks() throws {
        var world = world()
        #expect(!world.rules.isInitialSetThere)
        let plan = try #require(world.tell(.recovered).planned)
        #expect(!world.rules.isInitialSetThere)
        _ = world.tell(.addressUsable(plan.address))
        #expect(world.rules.isInitialSetThere)
        #expect(initial(world).map(\.address) == [plan.address])
        #expect(world.get(.sessionLasting, cookie: 1) == plan.address)
    }

    @Test func withoutAnInitialSetNothingIsWaitedFor() {
        var world = World()
        #expect(world.tell(.recovered).isEmpty)
        #expect(world.rules.isInitialSetThere)
    }

    @Test func itStaysWithoutUsers() throws {
        var world = world()
        let address = try #require(world.perform(world.tell(.recovered)).planned?.address)
        _ = world.get(.sessionLasting, cookie: 1)
        let done = world.perform(world.tell(.socketDestroyed(1)) + world.pass(.seconds(1000)))
        #expect(!done.removes(address))
        #expect(world.state(address) == .active)
    }

    @Test func whatIsReleasedIsReplaced() throws {
        var world = world()
        let first = try #require(world.perform(world.tell(.recovered)).planned?.address)
        let done = world.perform(world.tell(.released(first)) + world.pass(.zero))
        #expect(done.removes(first))
        #expect(initial(world).count == 1)
        #expect(initial(world).first?.address != first)
    }

    @Test func itGoesWhenItIsNotWantedAnyMore() throws {
        var world = world()
        let address = try #require(world.perform(world.tell(.recovered)).planned?.address)
        let actions = world.reconfigure { $0.types.sessionLasting.isAcquiredAtBoot = false }
        #expect(world.perform(actions + world.pass(.zero)).removes(address))
    }

    @Test func itComesWithAReload() {
        var world = World()
        _ = world.tell(.recovered)
        _ = world.perform(world.reconfigure { $0.types.nonPersistent.isAcquiredAtBoot = true })
        #expect(initial(world).map(\.type) == [.nonPersistent])
    }

    @Test func promise2_itGoesWithTheDaemon() throws {
        var world = world()
        let address = try #require(world.perform(world.tell(.recovered)).planned?.address)
        #expect(world.perform(world.tell(.stopping)).removes(address))
        #expect(world.rules.addressCount == 0)
    }

    @Test func promise1_itStaysWithItsSocketsWhenTheDaemonStops() throws {
        var world = world()
        let address = try #require(world.perform(world.tell(.recovered)).planned?.address)
        _ = world.get(.sessionLasting, cookie: 1)
        #expect(!world.perform(world.tell(.stopping)).removes(address))
    }

    @Test func anAddressOfAnEarlierRunDoes() {
        var world = world()
        _ = world.tell(
            .addressFound(FoundAddress(address: "2001:db8:a:1::7", type: .sessionLasting, interfaceIndex: 1)))
        let done = world.perform(world.tell(.recovered) + world.pass(.seconds(100)))
        #expect(done.planned == nil)
        #expect(initial(world).map(\.address) == ["2001:db8:a:1::7"])
        #expect(!done.removes("2001:db8:a:1::7"))
    }

    @Test func anOldOneIsReplacedBeforeItGoes() throws {
        var world = world { $0.types.sessionLasting.maxAge = .seconds(60) }
        let old = try #require(world.perform(world.tell(.recovered)).planned?.address)
        let done = world.perform(world.pass(.seconds(60)))
        let new = try #require(done.planned?.address)
        #expect(initial(world).map(\.address) == [new])
        #expect((done + world.perform(world.pass(.zero))).removes(old))
    }

    // MARK: What cannot be had

    private func withoutInterface() -> World { world { $0.sources[0].interface = "wlan0" } }

    @Test func nothingIsWaitedForThatCannotBeHad() {
        var world = withoutInterface()
        #expect(world.tell(.recovered).planned == nil)
        #expect(world.rules.isInitialSetThere)
    }

    @Test func itIsMadeAsSoonAsThereIsANetwork() {
        var world = withoutInterface()
        _ = world.tell(.recovered)
        _ = world.perform(world.tell(.linkFound(index: World.uplink, name: "wlan0", isUp: true)))
        _ = world.perform(world.pass(.seconds(2)))
        #expect(initial(world).count == 1)
    }

    @Test func itIsAskedForAgainAndAgainButLessAndLess() {
        var world = World.asking(.servers()) { $0.types.sessionLasting.isAcquiredAtBoot = true }
        let asked = world.rules.nextDeadline
        #expect(asked != nil)
        var questions = 0
        var actions: [Action] = []
        for _ in 0..<600 {
            actions = world.pass(.seconds(1))
            for request in actions.asked {
                questions += 1
                _ = world.tell(.prefixRefused(request.id, .networkRefused))
            }
        }
        #expect((8...20).contains(questions), "\(questions)")
        #expect(world.rules.isInitialSetThere)
    }
}
