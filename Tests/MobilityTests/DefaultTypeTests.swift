import Mobility
import Testing

/// The address that programs get which ask for nothing (`DefaultType=`): exactly one is preferred.
@Suite struct DefaultTypeTests {
    private func world(_ type: ContinuityType? = .sessionLasting) -> World {
        var world = World { $0.defaultType = type }
        _ = world.tell(.recovered)
        return world
    }

    /// The address as the kernel was last told of it.
    private func preferences(_ actions: [Action]) -> [IPv6Address: Bool] {
        actions.reduce(into: [:]) { preferences, action in
            switch action {
            case .addAddress(let plan), .restoreAddress(let plan):
                preferences[plan.address] = plan.isPreferred
            default: break
            }
        }
    }

    @Test func promise4_withoutADefaultTypeNoneIsPreferred() {
        var world = world(nil)
        let done = ContinuityType.allCases.dropLast().enumerated().flatMap { index, type in
            world.perform(world.ask(type, cookie: SocketCookie(index + 1)))
        }
        #expect(preferences(done).count == 3)
        #expect(!preferences(done).values.contains(true))
    }

    @Test func onlyTheSharedAddressOfTheTypeIsPreferred() {
        var world = world()
        let others = world.perform(world.ask(.fixed, cookie: 1) + world.ask(.nonPersistent, cookie: 2))
        #expect(preferences(others).values.allSatisfy { !$0 })
        let shared = world.perform(world.ask(.sessionLasting, cookie: 3))
        #expect(Array(preferences(shared).values) == [true])
        // Of a prefix of its own the socket that asked for it is the only user.
        let own = world.perform(world.ask(.sessionLasting, cookie: 4, onNet: true))
        #expect(Array(preferences(own).values) == [false])
    }

    @Test func theNextOneTakesItsPlace() throws {
        var world = world()
        let first = world.get(.sessionLasting, cookie: 1)
        let done = world.perform(world.tell(.released(first)) + world.ask(.sessionLasting, cookie: 2))
        #expect(preferences(done)[first] == false)
        let second = try #require(done.planned?.address)
        #expect(preferences(done)[second] == true)
    }

    @Test func aReloadPrefersAndPrefersNoMore() {
        var world = world(nil)
        let address = world.get(.sessionLasting, cookie: 1)
        let on = world.perform(world.reconfigure { $0.defaultType = .sessionLasting })
        #expect(preferences(on) == [address: true])
        #expect(preferences(world.perform(world.reconfigure { $0.defaultType = .sessionLasting })).isEmpty)
        let off = world.perform(world.reconfigure { $0.defaultType = nil })
        #expect(preferences(off) == [address: false])
    }

    @Test(arguments: [true, false])
    func anAddressOfAnEarlierRunIsAsThePolicyIsNow(wasPreferred: Bool) {
        for isDefault in [true, false] {
            var world = World { $0.defaultType = isDefault ? .sessionLasting : nil }
            var found = FoundAddress(address: "2001:db8:a:1::7", type: .sessionLasting, interfaceIndex: 1)
            found.isPreferred = wasPreferred
            let done = world.perform(world.tell(.addressFound(found)) + world.tell(.recovered))
            #expect(preferences(done) == (isDefault == wasPreferred ? [:] : ["2001:db8:a:1::7": isDefault]))
        }
    }

    @Test func anAddressThatEndsIsNotPreferred() {
        var world = World.asking(.servers()) { $0.defaultType = .sessionLasting }
        let (lease, address) = world.getLeased("2001:db8:1::/64", cookie: 1)
        let done = world.perform(world.tell(.prefixWithdrawn(lease)))
        #expect(preferences(done)[address] == false)
    }
}
