import Mobility
import Testing

/// One rule for each prefix, one table for each uplink, and nothing left when the last address is gone.
@Suite struct RoutingTests {
    private let wlan: UInt32 = 3
    private let home: IPv6Prefix = "2001:db8:a::/56"

    private func worldWithUplink(place: Source.Place = .loopback) -> World {
        var world = World {
            $0.sources[0].interface = "wlan0"
            $0.sources[0].place = place
        }
        _ = world.tell(.linkFound(index: 1, name: "lo"))
        _ = world.tell(.linkFound(index: wlan, name: "wlan0"))
        return world
    }

    private func router(_ address: IPv6Address, metric: UInt32 = 1024) -> Router {
        Router(interfaceIndex: wlan, address: address, metric: metric)
    }

    @Test func theFirstAddressOfAPrefixBringsItsRoutingAndTheLastTakesItAway() throws {
        var world = worldWithUplink()
        #expect(world.tell(.routerFound(router("fe80::1"))) == [])
        let asked = world.ask(.sessionLasting, cookie: 1)
        #expect(
            asked.prefix(3) == [
                .addTable(uplink: wlan), .setRouter(uplink: wlan, "fe80::1"), .addRule(home, uplink: wlan),
            ])
        _ = world.perform(asked)
        #expect(
            world.perform(world.ask(.nonPersistent, cookie: 2)).allSatisfy {
                if case .addRule = $0 { false } else { true }
            })

        _ = world.tell(.socketDestroyed(1))
        _ = world.tell(.socketDestroyed(2))
        let done = world.perform(world.pass(.seconds(30)))
        #expect(done.suffix(2) == [.removeRule(home, uplink: wlan), .removeTable(uplink: wlan)])
    }

    @Test func theTableFollowsTheBestRouter() {
        var world = worldWithUplink()
        _ = world.get(.sessionLasting, cookie: 1)
        #expect(world.tell(.routerFound(router("fe80::1"))) == [.setRouter(uplink: wlan, "fe80::1")])
        #expect(world.tell(.routerFound(router("fe80::2", metric: 2048))) == [])
        #expect(world.tell(.routerFound(router("fe80::3"))) == [.setRouter(uplink: wlan, "fe80::3")])
        #expect(world.tell(.routerGone(router("fe80::3"))) == [.setRouter(uplink: wlan, "fe80::1")])
        #expect(world.tell(.routerGone(router("fe80::1"))) == [.setRouter(uplink: wlan, "fe80::2")])
        #expect(world.tell(.routerGone(router("fe80::2", metric: 2048))) == [.setRouter(uplink: wlan, nil)])
        #expect(world.tell(.routerFound(Router(interfaceIndex: 9, address: "fe80::9", metric: 1))) == [])
    }

    @Test func aSourceWhoseInterfaceIsNotThereGivesNothing() {
        var world = World { $0.sources[0].interface = "wlan0" }
        #expect(world.ask(.sessionLasting, cookie: 1).answer == .refused(.noNetwork))
        #expect(world.rules.sourceSummaries().first?.isAvailable == false)
        _ = world.tell(.linkFound(index: wlan, name: "wlan0"))
        #expect(world.perform(world.ask(.sessionLasting, cookie: 1)).grantedAddress != nil)
    }

    @Test func anInterfaceThatComesBackWithAnotherNumberGetsTheRoutingAgain() {
        var world = worldWithUplink()
        _ = world.get(.sessionLasting, cookie: 1)
        #expect(
            world.tell(.linkGone(index: wlan)) == [
                .removeRule(home, uplink: wlan), .removeTable(uplink: wlan),
            ])
        #expect(
            world.tell(.linkFound(index: 8, name: "wlan0")) == [
                .addTable(uplink: 8), .addRule(home, uplink: 8),
            ])
    }

    @Test func aPrefixOnTheLinkReachesItsNeighboursDirectlyAndDetectsDuplicates() throws {
        var world = worldWithUplink(place: .interface)
        let asked = world.ask(.sessionLasting, cookie: 1)
        #expect(asked.contains(.addLinkRoute(home, uplink: wlan)))
        let plan = try #require(asked.planned)
        #expect(plan.interfaceIndex == wlan && plan.detectsDuplicates)
    }

    @Test func aDuplicateIsReplacedAndTheThirdIsTheLast() throws {
        var world = worldWithUplink(place: .interface)
        var address = try #require(world.ask(.sessionLasting, cookie: 1).planned).address
        for _ in 1...2 {
            let actions = world.tell(.addressDuplicate(address))
            #expect(actions.removes(address))
            #expect(actions.answer == nil)
            _ = world.tell(.addressRemoved(address))
            address = try #require(actions.planned).address
        }
        let actions = world.tell(.addressDuplicate(address))
        #expect(actions.answer == .refused(.duplicate))
        #expect(actions.removes(address) && actions.planned == nil)
    }

    @Test func aRoutedPrefixNeedsNoAddressAtAll() {
        var world = World { $0.sources[0].place = .route }
        let actions = world.ask(.sessionLasting, cookie: 1)
        #expect(actions.first == .addLocalRoute(home))
        #expect(actions.planned == nil)
        guard case .granted(let grant) = actions.answer else {
            Issue.record("not granted")
            return
        }
        #expect(grant.needsFreeBind)
        _ = world.tell(.socketDestroyed(1))
        let done = world.perform(world.pass(.seconds(30)))
        #expect(done.last == .removeLocalRoute(home))
        #expect(world.rules.addressCount == 0)
    }
}
