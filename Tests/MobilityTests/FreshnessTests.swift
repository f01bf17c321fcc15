import Testing

@testable import Mobility

/// Fresh addresses after a time or a volume of traffic (RFC 8653, section 5).
@Suite struct FreshnessTests {
    private func world(age: Duration? = nil, octets: UInt64? = nil) -> World {
        World {
            $0.types.sessionLasting.maxAge = age
            $0.types.sessionLasting.maxOctets = octets
        }
    }

    @Test func newSocketsGetANewAddressAfterATimeAndOldOnesKeepTheirs() {
        var world = world(age: .seconds(60))
        let old = world.get(.sessionLasting, cookie: 1)
        _ = world.perform(world.pass(.seconds(59)))
        #expect(world.get(.sessionLasting, cookie: 2) == old)
        _ = world.perform(world.pass(.seconds(1)))
        let new = world.get(.sessionLasting, cookie: 3)
        #expect(new != old)
        #expect(world.state(old) == .active)
        #expect(world.rules.latestGrant(of: 1)?.address == old)
        _ = world.tell(.socketDestroyed(1))
        #expect(world.state(old) == .active)
        // It does not linger: nobody will come back to it.
        let done = world.perform(world.tell(.socketDestroyed(2)) + world.pass(.zero))
        #expect(done.removes(old))
        #expect(world.state(new) == .active)
    }

    @Test func anOldAddressThatNobodyUsesGoes() {
        var world = World {
            $0.types.sessionLasting.maxAge = .seconds(60)
            $0.types.sessionLasting.linger = nil
        }
        let old = world.get(.sessionLasting, cookie: 1)
        _ = world.perform(world.tell(.socketDestroyed(1)))
        #expect(!world.perform(world.pass(.seconds(59))).removes(old))
        #expect(world.perform(world.pass(.seconds(1))).removes(old))
    }

    @Test func otherTypesAreLeftAlone() {
        var world = world(age: .seconds(1))
        let address = world.get(.nonPersistent, cookie: 1)
        _ = world.perform(world.pass(.seconds(100)))
        #expect(world.get(.nonPersistent, cookie: 2) == address)
    }

    @Test func whoWaitsForAnAddressGetsItHoweverOldItIs() {
        var world = World.withUplink(place: .interface)
        _ = world.reconfigure { $0.types.sessionLasting.maxAge = .seconds(1) }
        let plan = world.ask(.sessionLasting, cookie: 1).planned
        _ = world.pass(.seconds(2))
        let done = plan.map { world.tell(.addressUsable($0.address)) } ?? []
        #expect(done.grantedAddress == plan?.address)
        #expect(world.ask(.sessionLasting, cookie: 2).planned != nil)
    }

    @Test func aNewLimitIsForAddressesThatAreThere() {
        var world = World()
        let old = world.get(.sessionLasting, cookie: 1)
        _ = world.perform(world.pass(.seconds(100)))
        _ = world.perform(
            world.reconfigure { $0.types.sessionLasting.maxAge = .seconds(60) } + world.pass(.zero))
        #expect(world.get(.sessionLasting, cookie: 2) != old)
    }

    @Test func reloadsDoNotPileUpDeadlines() {
        var world = world(age: .seconds(60))
        _ = world.get(.sessionLasting, cookie: 1)
        let before = world.rules.agenda.count
        for _ in 0..<100 { _ = world.perform(world.reconfigure { _ in }) }
        #expect(world.rules.agenda.count == before)
    }

    // MARK: Traffic

    @Test func trafficIsAskedForOnlyIfItMatters() {
        #expect(!world(age: .seconds(1)).rules.countsTraffic)
        #expect(world(octets: 1).rules.countsTraffic)
        var world = world(age: .seconds(60))
        _ = world.get(.sessionLasting, cookie: 1)
        #expect(!world.pass(.seconds(30)).contains(.measureTraffic("2001:db8:a::/56")))
    }

    @Test func newSocketsGetANewAddressAfterAVolumeOfTraffic() {
        var world = world(octets: 1000)
        let old = world.get(.sessionLasting, cookie: 1)
        #expect(world.pass(.seconds(5)).contains(.measureTraffic("2001:db8:a::/56")))
        // What has ended counts, and what goes on.
        _ = world.tell(.trafficEnded(Traffic(address: old, octets: 600)))
        _ = world.tell(.trafficMeasured([Traffic(address: old, octets: 399)]))
        #expect(world.get(.sessionLasting, cookie: 2) == old)
        #expect(world.pass(.seconds(5)).contains(.measureTraffic("2001:db8:a::/56")))
        _ = world.tell(.trafficMeasured([Traffic(address: old, octets: 400)]))
        #expect(world.get(.sessionLasting, cookie: 3) != old)
        #expect(world.state(old) == .active)
    }

    @Test func trafficOfStrangersIsIgnored() {
        var world = world(octets: 10)
        let address = world.get(.sessionLasting, cookie: 1)
        _ = world.tell(.trafficEnded(Traffic(address: "2001:db8:ffff::1", octets: 1000)))
        _ = world.tell(.trafficMeasured([Traffic(address: "2001:db8:ffff::1", octets: 1000)]))
        #expect(world.get(.sessionLasting, cookie: 2) == address)
    }

    @Test func nothingIsMeasuredWhenNothingIsLeft() {
        var world = world(octets: 1000)
        _ = world.get(.sessionLasting, cookie: 1)
        _ = world.perform(world.tell(.socketDestroyed(1)) + world.pass(.seconds(100)))
        _ = world.perform(world.pass(.seconds(10)))
        #expect(world.rules.nextDeadline == nil)
    }

    /// The kernel's own address could not be replaced by another.
    @Test(arguments: [nil, Duration.seconds(60)])
    func anAddressOfTheKernelsIsNotTakenForATypeThatIsToBeFresh(age: Duration?) {
        var world = World.asking(.routers(on: ["wlan0"])) { $0.types.nonPersistent.maxAge = age }
        _ = world.autoconfigure("2001:db8:1::aaaa")
        _ = world.advertise("2001:db8:1::/64")
        #expect((world.get(.nonPersistent, cookie: 1) == "2001:db8:1::aaaa") == (age == nil))
    }
}
