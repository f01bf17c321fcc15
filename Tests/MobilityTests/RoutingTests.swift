import Mobility
import Testing

/// One rule for each prefix, one table for each uplink, and nothing left when the last address is gone.
@Suite struct RoutingTests {
    private let wlan = World.uplink
    private let home: IPv6Prefix = "2001:db8:a::/56"

    private func router(_ address: IPv6Address, metric: UInt32 = 1024) -> Router {
        Router(interfaceIndex: wlan, address: address, metric: metric)
    }

    @Test func theFirstAddressOfAPrefixBringsItsRoutingAndTheLastTakesItAway() throws {
        var world = World.withUplink()
        #expect(world.tell(.routerFound(router("fe80::1"))) == [])
        let asked = world.ask(.sessionLasting, cookie: 1)
        #expect(
            asked.prefix(4) == [
                .addRouting(.localRoute(home)), .addRouting(.table(uplink: wlan)),
                .setRouter(uplink: wlan, "fe80::1"),
                .addRouting(.rule(home, uplink: wlan)),
            ])
        _ = world.perform(asked)
        #expect(
            world.perform(world.ask(.nonPersistent, cookie: 2)).allSatisfy {
                if case .addRouting(.rule) = $0 { false } else { true }
            })

        _ = world.tell(.socketDestroyed(1))
        _ = world.tell(.socketDestroyed(2))
        let done = world.perform(world.pass(.seconds(30)))
        #expect(
            done.suffix(3) == [
                .removeRouting(.rule(home, uplink: wlan)), .removeRouting(.table(uplink: wlan)),
                .removeRouting(.localRoute(home)),
            ])
    }

    @Test func theTableFollowsTheBestRouter() {
        var world = World.withUplink()
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
        _ = world.tell(.linkFound(index: wlan, name: "wlan0", isUp: true))
        #expect(world.perform(world.ask(.sessionLasting, cookie: 1)).grantedAddress != nil)
    }

    @Test func anInterfaceThatComesBackWithAnotherNumberGetsTheRoutingAgain() {
        var world = World.withUplink()
        _ = world.get(.sessionLasting, cookie: 1)
        #expect(
            world.tell(.linkGone(index: wlan)) == [
                .removeRouting(.rule(home, uplink: wlan)), .removeRouting(.table(uplink: wlan)),
            ])
        #expect(
            world.tell(.linkFound(index: 8, name: "wlan0", isUp: true)) == [
                .addRouting(.table(uplink: 8)), .addRouting(.rule(home, uplink: 8)),
            ])
    }

    @Test func aPrefixOnTheLinkReachesItsNeighboursDirectlyAndDetectsDuplicates() throws {
        var world = World.withUplink(place: .interface)
        let asked = world.ask(.sessionLasting, cookie: 1)
        #expect(asked.contains(.addRouting(.linkRoute(home, uplink: wlan))))
        let plan = try #require(asked.planned)
        #expect(plan.interfaceIndex == wlan && plan.detectsDuplicates)
    }

    @Test func promise1_anAddressThatWentWithItsInterfaceComesBackWithIt() throws {
        var world = World.withUplink(place: .interface)
        let lost = world.get(.sessionLasting, cookie: 1)
        _ = world.tell(.linkGone(index: wlan))
        #expect(world.ask(.sessionLasting, cookie: 2).answer == .refused(.noNetwork))
        let actions = world.tell(.linkFound(index: 8, name: "wlan0", isUp: true))
        let back = PlannedAddress(
            address: lost, type: .sessionLasting, interfaceIndex: 8, detectsDuplicates: true)
        #expect(actions.contains(.restoreAddress(back)))
        #expect(world.ask(.sessionLasting, cookie: 3).answer == nil)
        #expect(world.tell(.addressUsable(lost)).grantedAddress == lost)
    }

    @Test func promise1_anInterfaceThatWasReplacedUnseenBringsItsAddressesBack() {
        var world = World.withUplink(place: .interface)
        let lost = world.get(.sessionLasting, cookie: 1)
        _ = world.tell(.uplinksForgotten)
        _ = world.tell(.linkFound(index: 8, name: "wlan0", isUp: true))
        let back = PlannedAddress(
            address: lost, type: .sessionLasting, interfaceIndex: 8, detectsDuplicates: true)
        #expect(world.tell(.uplinksListed).contains(.restoreAddress(back)))
    }

    @Test func aSocketOnAnAddressThatIsStillBeingMadeKeepsNothing() throws {
        var world = World.withUplink(place: .interface)
        let address = try #require(world.ask(.sessionLasting, cookie: 1).planned).address
        _ = world.tell(.socketFound(FoundSocket(cookie: 5, address: address, transport: 6, user: 0)))
        #expect(world.rules.socketCount == 0)
        #expect(world.perform(world.tell(.addressDuplicate(address))).removes(address))
    }

    @Test func aDuplicateIsReplacedAndTheThirdIsTheLast() throws {
        var world = World.withUplink(place: .interface)
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
        #expect(actions.first == .addRouting(.localRoute(home)))
        #expect(actions.planned == nil)
        guard case .granted(let grant) = actions.answer else {
            Issue.record("not granted")
            return
        }
        #expect(grant.needsFreeBind)
        _ = world.tell(.socketDestroyed(1))
        let done = world.perform(world.pass(.seconds(30)))
        #expect(done.last == .removeRouting(.localRoute(home)))
        #expect(world.rules.addressCount == 0)
    }
}
