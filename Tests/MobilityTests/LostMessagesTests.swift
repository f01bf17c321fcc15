import Mobility
import Testing

/// The kernel had more to tell than there was room for.
@Suite struct LostMessagesTests {
    private func found(_ cookie: SocketCookie, _ address: IPv6Address) -> FoundSocket {
        FoundSocket(cookie: cookie, address: address, transport: 6, user: 0)
    }

    @Test func promise2_aSocketWhoseDeathWasMissedIsForgottenWhenItsProcessIsGone() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 7)
        #expect(world.tell(.socketDeathsLost) == [.findSockets(.everything)])
        #expect(
            world.tell(.socketsListed(.everything)) == [
                .findHolders
            ])
        _ = world.tell(.socketGone(7))
        #expect(world.state(address) == .lingering)
    }

    @Test func promise1_aSocketThatIsListedStaysWithoutAQuestion() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 7)
        _ = world.tell(.socketDeathsLost)
        _ = world.tell(.socketFound(found(7, address)))
        #expect(world.tell(.socketsListed(.everything)) == [])
        #expect(world.pass(.seconds(100)) == [])
    }

    @Test func promise1_inDoubtASocketStaysAndIsLookedForAgain() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 7)
        _ = world.tell(.socketDeathsLost)
        #expect(world.tell(.socketsUnknown(.everything)) == [])
        #expect(world.pass(.seconds(5)) == [.findSockets(.everything)])
        // The process lives: nothing answers.
        #expect(
            world.tell(.socketsListed(.everything)) == [
                .findHolders
            ])
        #expect(world.pass(.seconds(5)) == [.findSockets(.everything)])
        // It has bound in the meantime, and the doubt is over.
        _ = world.tell(.socketFound(found(7, address)))
        #expect(world.tell(.socketsListed(.everything)) == [])
        #expect(world.pass(.seconds(100)) == [])
    }

    @Test func promise2_aSocketThatWasFoundBoundIsInTheListOrGone() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 7)
        _ = world.tell(.socketFound(found(70, address)))
        _ = world.tell(.socketDeathsLost)
        _ = world.tell(.socketFound(found(7, address)))
        #expect(world.tell(.socketsListed(.everything)) == [])
        #expect(world.rules.socketCount == 1)
    }

    @Test func linksAndRoutersThatChangedUnseenAreCaughtUpWith() {
        var world = World { $0.sources[0].interface = "wlan0" }
        _ = world.tell(.linkFound(index: 3, name: "wlan0", isUp: true))
        _ = world.tell(.routerFound(Router(interfaceIndex: 3, address: "fe80::1", metric: 1)))
        _ = world.get(.sessionLasting, cookie: 7)

        _ = world.tell(.uplinksForgotten)
        _ = world.tell(.linkFound(index: 3, name: "wlan0", isUp: true))
        _ = world.tell(.routerFound(Router(interfaceIndex: 3, address: "fe80::2", metric: 1)))
        #expect(world.tell(.uplinksListed).contains(.setRouter(uplink: 3, "fe80::2")))

        _ = world.tell(.uplinksForgotten)
        #expect(
            world.tell(.uplinksListed).prefix(2) == [
                .removeRouting(.rule("2001:db8:a::/56", uplink: 3)), .removeRouting(.table(uplink: 3)),
            ])
    }
}
