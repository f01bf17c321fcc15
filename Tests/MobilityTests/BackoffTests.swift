import Mobility
import Testing

/// Who gives nothing is left alone for a while.
@Suite struct BackoffTests {
    private let prefix: IPv6Prefix = "2001:db8:1::/56"

    /// Asks, and has the answer be a refusal.
    private func refuse(_ world: inout World) throws {
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        #expect(
            world.tell(.prefixRefused(asked.id, .networkRefused)).answers == [.refused(.networkRefused)])
    }

    private func refused() throws -> World {
        var world = World.asking(.servers())
        try refuse(&world)
        #expect(world.ask(.sessionLasting, cookie: 1).answers == [.refused(.networkRefused)])
        return world
    }

    @Test func theTimeDoublesUpToAMinute() throws {
        var world = World.asking(.servers())
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            try refuse(&world)
            _ = world.pass(.seconds(seconds) - .milliseconds(1))
            // The reason is kept.
            #expect(
                world.ask(.sessionLasting, cookie: 1).withoutRecords == [
                    .answer(request(world.lastRequest), .refused(.networkRefused))
                ])
            _ = world.pass(.milliseconds(1))
        }
    }

    @Test func silenceCounts() {
        var world = World.asking(.servers())
        _ = world.ask(.sessionLasting, cookie: 1)
        let actions = world.pass(.seconds(10))
        #expect(actions.answers == [.refused(.timedOut)])
        #expect(actions.contains(.report(.sourceIsSilent("provider", .sessionLasting))))
        #expect(world.ask(.sessionLasting, cookie: 1).answers == [.refused(.timedOut)])
        _ = world.pass(.seconds(1))
        #expect(world.ask(.sessionLasting, cookie: 1).asked.count == 1)
    }

    @Test func manyWhoWaitForOneAnswerThatDoesNotComeAreOneSilence() {
        var world = World.asking(.servers())
        for cookie in 1...5 { _ = world.ask(.sessionLasting, cookie: SocketCookie(cookie)) }
        let actions = world.pass(.seconds(10))
        #expect(actions.answers.count == 5)
        #expect(actions.count { if case .report = $0 { true } else { false } } == 1)
        _ = world.pass(.seconds(1))
        #expect(world.ask(.sessionLasting, cookie: 1).asked.count == 1)
    }

    @Test func itIsForOneTypeAndOneUplink() throws {
        var world = World.asking(.servers(on: ["*"]))
        let first = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        let second = try #require(world.tell(.prefixRefused(first.id, .networkRefused)).asked.first)
        #expect(first.interface != second.interface)
        #expect(world.ask(.fixed, cookie: 2).asked.map(\.interface) == [first.interface])
    }

    // MARK: A prefix of no use is as good as none

    @Test func whoGivesAPrefixThatOverlapsAnotherIsLeftAlone() throws {
        var world = World.asking(.servers())
        _ = world.getLeased(prefix, cookie: 1)
        for seconds in [1, 2, 4] {
            let asked = try #require(world.ask(.sessionLasting, cookie: 2, onNet: true).asked.first)
            #expect(world.grant(asked, "2001:db8:1::/64").answers == [.refused(.networkRefused)])
            _ = world.pass(.seconds(seconds) - .milliseconds(1))
            #expect(
                world.ask(.sessionLasting, cookie: 2, onNet: true).answers == [.refused(.networkRefused)])
            _ = world.pass(.milliseconds(1))
        }
    }

    @Test func whoGivesAPrefixWhoseUplinkIsNotThereIsLeftAloneUntilItAppears() throws {
        var world = World.asking(.program())
        func giveOneOfAnotherLink() throws {
            // Two wait for it, and it is in vain once.
            let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
            _ = world.ask(.sessionLasting, cookie: 2)
            var lease = LeasedPrefix(asked, prefix)
            lease.interface = "wwan0"
            #expect(
                world.tell(.prefixGranted(lease)).answers == [.refused(.noNetwork), .refused(.noNetwork)])
        }
        for seconds in [1, 2, 4] {
            try giveOneOfAnotherLink()
            _ = world.pass(.seconds(seconds) - .milliseconds(1))
            #expect(world.ask(.sessionLasting, cookie: 1).answers == [.refused(.noNetwork)])
            _ = world.pass(.milliseconds(1))
        }
        try giveOneOfAnotherLink()
        _ = world.tell(.linkFound(index: 9, name: "wwan0", isUp: true))
        #expect(world.ask(.sessionLasting, cookie: 1).asked.count == 1)
    }

    // MARK: What ends it

    @Test func aGrantEndsIt() throws {
        var world = World.asking(.servers())
        try refuse(&world)
        _ = world.pass(.seconds(1))
        try refuse(&world)
        _ = world.pass(.seconds(2))
        _ = world.getLeased(prefix, cookie: 1)
        let asked = try #require(world.ask(.sessionLasting, cookie: 2, onNet: true).asked.first)
        _ = world.tell(.prefixRefused(asked.id, .networkRefused))
        // It begins with the shortest time again.
        _ = world.pass(.seconds(1))
        #expect(world.ask(.sessionLasting, cookie: 2, onNet: true).asked.count == 1)
    }

    @Test func carrierThatReturnsEndsIt() throws {
        var world = try refused()
        _ = world.tell(.linkFound(index: World.uplink, name: "wlan0", isUp: true, isRunning: false))
        _ = world.tell(.linkFound(index: World.uplink, name: "wlan0", isUp: true))
        #expect(world.ask(.sessionLasting, cookie: 1).asked.count == 1)
    }

    @Test func aNoticeThatChangesNothingDoesNotEndIt() throws {
        var world = try refused()
        _ = world.tell(.linkFound(index: World.uplink, name: "wlan0", isUp: true))
        #expect(world.ask(.sessionLasting, cookie: 1).asked == [])
    }

    @Test func aNewRouterEndsIt() throws {
        let router = Router(interfaceIndex: World.uplink, address: "fe80::1", metric: 1024)
        var world = try refused()
        _ = world.tell(.routerFound(Router(interfaceIndex: World.ethernet, address: "fe80::1", metric: 1024)))
        #expect(world.ask(.sessionLasting, cookie: 1).asked == [])
        _ = world.tell(.routerFound(router))
        try refuse(&world)
        // One that was there is no news.
        _ = world.tell(.routerFound(router))
        #expect(world.ask(.sessionLasting, cookie: 1).asked == [])
    }

    @Test func aNewConfigurationEndsIt() throws {
        var world = try refused()
        _ = world.reconfigure { _ in }
        #expect(world.ask(.sessionLasting, cookie: 1).asked.count == 1)
    }

    @Test func theUplinkOfAProgramEndsIt() throws {
        var world = World.asking(.program(interface: "wlan0"))
        try refuse(&world)
        _ = world.tell(.linkFound(index: World.uplink, name: "wlan0", isUp: true, isRunning: false))
        #expect(world.ask(.sessionLasting, cookie: 1).asked == [])
        _ = world.tell(.linkFound(index: World.uplink, name: "wlan0", isUp: true))
        #expect(world.ask(.sessionLasting, cookie: 1).asked.count == 1)
    }
}
