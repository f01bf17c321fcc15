import Mobility
import Testing

/// How long addresses of advertised prefixes are given to new sockets. No address is there but ours.
@Suite struct AdvertisedLifetimeTests {
    private let prefix: IPv6Prefix = "2001:db8:1::/64"
    private let other: IPv6Prefix = "2001:db8:2::/64"
    private let wlan = World.uplink

    @Test(arguments: [
        // Deprecated: preferred 0.
        (Duration.zero, Duration.seconds(2000)),
        // Withdrawn: valid 0.
        (Duration.zero, Duration.zero),
    ])
    func promise1_aPrefixThatARouterEndsIsForNobodyNew(_ preferred: Duration, _ valid: Duration) {
        var world = World.asking(.routers(on: ["wlan0"]))
        _ = world.advertise(prefix)
        let address = world.get(.nonPersistent, cookie: 1)
        #expect(world.perform(world.advertise(prefix, preferred: preferred, valid: valid)) == [])
        #expect(world.state(address) == .active)
        #expect(world.ask(.nonPersistent, cookie: 2).solicited == [wlan])
        // What is still used when it is advertised again is not given on, but a new one is.
        let again = world.perform(world.advertise(prefix))
        #expect(again.grantedAddress.map { $0 != address && prefix.contains($0) } == true)
        _ = world.tell(.socketDestroyed(1))
        #expect(world.perform(world.pass(.zero)).removes(address))
    }

    @Test func lifetimesEndByThemselves() {
        var world = World.asking(.routers(on: ["wlan0"]))
        _ = world.advertise(prefix, preferred: .seconds(100), valid: .seconds(200))
        let address = world.get(.nonPersistent, cookie: 1)
        _ = world.pass(.milliseconds(99_999))
        #expect(world.get(.nonPersistent, cookie: 2) == address)
        #expect(world.perform(world.pass(.milliseconds(1))) == [])
        #expect(world.ask(.nonPersistent, cookie: 3).grantedAddress == nil)
        #expect(world.perform(world.pass(.seconds(1000))).answers == [.refused(.timedOut)])
        #expect(world.state(address) == .active)
        #expect(world.rules.nextDeadline == nil)
    }

    @Test func aPrefixThatIsAdvertisedAgainLastsLonger() {
        var world = World.asking(.routers())
        _ = world.advertise(prefix, preferred: .seconds(100), valid: .seconds(200))
        _ = world.pass(.seconds(99))
        _ = world.advertise(prefix, preferred: .seconds(100), valid: .seconds(200))
        _ = world.pass(.seconds(99))
        #expect(prefix.contains(world.get(.nonPersistent, cookie: 1)))
        _ = world.advertise(prefix, preferred: nil, valid: nil)
        _ = world.pass(.seconds(1_000_000))
        #expect(world.rules.nextDeadline == nil)
    }

    @Test func whoWaitsForAnAddressOfAPrefixThatEndsIsTakenElsewhere() {
        var world = World.asking(.routers(on: ["wlan0"]))
        _ = world.advertise(prefix)
        _ = world.ask(.nonPersistent, cookie: 1)
        _ = world.advertise(other)
        let done = world.perform(world.advertise(prefix, preferred: .zero))
        #expect(done.grantedAddress.map(other.contains) == true)
    }

    @Test func whatWasAdvertisedOnALinkThatIsGoneIsForgotten() {
        var world = World.asking(.routers(on: ["wlan0"]))
        _ = world.advertise(prefix)
        _ = world.tell(.linkGone(index: wlan))
        #expect(world.rules.nextDeadline == nil)
        _ = world.tell(.linkFound(index: 9, name: "wlan0", isUp: true))
        #expect(world.ask(.nonPersistent, cookie: 1).planned == nil)
    }

    @Test func alsoIfNobodyTold() {
        var world = World.asking(.routers(on: ["wlan0"]))
        _ = world.advertise(prefix)
        _ = world.ask(.fixed, cookie: 1)
        _ = world.tell(.uplinksForgotten)
        _ = world.tell(.linkFound(index: 1, name: "lo", isUp: true))
        _ = world.tell(.uplinksListed)
        #expect(world.rules.nextDeadline == nil)
    }
}
