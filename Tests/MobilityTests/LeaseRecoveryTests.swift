import Mobility
import Testing

/// Prefixes that an earlier daemon was granted: told before the addresses of it.
@Suite struct LeaseRecoveryTests {
    private let prefix: IPv6Prefix = "2001:db8:1::/64"
    private let address: IPv6Address = "2001:db8:1::7"

    private func lease(
        _ type: ContinuityType = .sessionLasting, of source: String = "provider", _ number: UInt64 = 5,
        _ prefix: IPv6Prefix = "2001:db8:1::/64"
    ) -> LeasedPrefix {
        LeasedPrefix(
            id: LeaseID(number), source: source, type: type, prefix: prefix, interface: "wlan0")
    }

    /// A daemon that finds leases and addresses of one type, and nobody on them but `users`.
    private func recovered(
        _ leases: [LeasedPrefix], _ addresses: [IPv6Address] = [], users: [FoundSocket] = [],
        _ configure: (inout Configuration) -> Void = { _ in }
    ) -> (world: World, done: [Action]) {
        var world = World {
            $0.sources = [.servers()]
            configure(&$0)
        }
        world.tellLinks()
        var done: [Action] = []
        for lease in leases { done += world.tell(.prefixFound(lease)) }
        for address in addresses {
            done += world.tell(
                .addressFound(
                    FoundAddress(address: address, type: leases[0].type, interfaceIndex: 1)))
        }
        done += world.perform(world.tell(.recovered), users: users)
        return (world, done)
    }

    private func user(of address: IPv6Address) -> FoundSocket {
        FoundSocket(cookie: 1, address: address, transport: 6, user: 0)
    }

    // MARK: After a restart of the daemon

    @Test func promise1_aLeaseWhoseAddressIsUsedGoesOn() {
        var (world, done) = recovered([lease()], [address], users: [user(of: address)])
        #expect(done.said == [])
        #expect(done.contains(.addRouting(.rule(prefix, uplink: World.uplink))))
        #expect(world.get(.sessionLasting, cookie: 2) == address)
        // It ends as if this daemon had asked for it.
        for cookie in 1...2 { _ = world.tell(.socketDestroyed(SocketCookie(cookie))) }
        done = world.perform(world.pass(.seconds(30)))
        #expect(done.removes(address) && done.said == [.giveBack(LeaseID(5))])
    }

    @Test func promise2_aLeaseWithoutAddressesIsGivenBackWhenAllIsKnown() {
        let (_, done) = recovered([lease()])
        #expect(done.said == [.giveBack(LeaseID(5))])
    }

    @Test func promise2_aLeaseWhoseAddressNobodyUsesGoesWithIt() {
        var (world, done) = recovered([lease()], [address])
        #expect(done.said == [])
        done = world.perform(world.pass(.seconds(30)))
        #expect(done.removes(address) && done.said == [.giveBack(LeaseID(5))])
    }

    @Test func theNextQuestionHasANumberOfItsOwn() {
        var (world, _) = recovered([lease(.fixed)])
        #expect(world.ask(.sessionLasting, cookie: 1).asked.map(\.id) == [LeaseID(6)])
    }

    @Test func aLeaseOfASourceThatIsNotConfiguredAnyLongerGoesWithItsLastSocket() {
        var (world, done) = recovered(
            [lease(of: "former"), lease(of: "former", 6, "2001:db8:2::/64")], [address],
            users: [user(of: address)])
        #expect(done.said == [.giveBack(LeaseID(6))])
        // Nobody new has it.
        #expect(world.ask(.sessionLasting, cookie: 2).asked.count == 1)
        _ = world.tell(.requestCancelled(request(1)))
        _ = world.tell(.socketDestroyed(1))
        done = world.perform(world.pass(.seconds(30)))
        #expect(done.removes(address) && done.said == [.giveBack(LeaseID(5))])
    }

    @Test(
        arguments: [
            { $0.sources[0].types = [.fixed] },
            {
                $0.sources[0] = Source(
                    name: "provider", types: [.sessionLasting], prefixes: ["2001:db8:a::/56"])
            },
        ] as [@Sendable (inout Configuration) -> Void])
    func aLeaseThatItsSourceDoesNotGiveAnyLongerIsForNobodyNew(
        _ change: @Sendable (inout Configuration) -> Void
    ) {
        var (world, done) = recovered([lease()], [address], users: [user(of: address)], change)
        #expect(done.said == [])
        _ = world.ask(.sessionLasting, cookie: 2)
        #expect(world.rules.latestGrant(of: 2)?.address != address)
        _ = world.tell(.socketDestroyed(1))
        done = world.perform(world.pass(.seconds(30)))
        #expect(done.said == [.giveBack(LeaseID(5))])
    }

    @Test func promise1_aLeaseThatTheConfigurationNowNamesItselfIsGivenBackWithItsLastSocketOnly() {
        var (world, done) = recovered([lease()], [address], users: [user(of: address)]) {
            $0.sources.append(
                Source(name: "home", types: [.sessionLasting], prefixes: ["2001:db8:1::/64"]))
        }
        #expect(done.said == [])
        _ = world.tell(.socketDestroyed(1))
        done = world.perform(world.pass(.seconds(30)))
        #expect(done.removes(address) && done.said == [.giveBack(LeaseID(5))])
    }

    @Test func promise1_withoutRecordsALeaseIsKeptAsLongAsASocketMayStillBind() {
        var world = World { $0.sources = [.servers(place: .route)] }
        world.tellLinks()
        _ = world.tell(.prefixFound(lease()))
        _ = world.tell(.routingFound(.localRoute(prefix)))
        _ = world.tell(.recordsIncomplete)
        #expect(world.perform(world.tell(.recovered)).said == [])
        #expect(world.perform(world.pass(.seconds(10))).said == [.giveBack(LeaseID(5))])
    }

    // MARK: After a restart of the machine

    @Test func aFixedLeaseIsKeptAndGivesTheSameAddress() {
        var before = World.asking(.servers())
        let (lease, fixed) = before.getLeased(prefix, .fixed, cookie: 1)
        var (world, done) = recovered([self.lease(.fixed, lease.number)])
        #expect(done.said == [])
        #expect(world.get(.fixed, cookie: 1) == fixed)
    }

    @Test func whatLingersForEverIsKeptUntilTheConfigurationSaysOtherwise() {
        var (world, done) = recovered([lease(.fixed), lease(.sessionLasting, 6, "2001:db8:2::/64")]) {
            $0.types.sessionLasting.linger = nil
        }
        #expect(done.said == [])
        done = world.reconfigure { $0.types.sessionLasting.linger = .seconds(30) }
        #expect(done.said == [.giveBack(LeaseID(6))])
        done = world.reconfigure { $0.sources = [] }
        #expect(done.said == [.giveBack(LeaseID(5))])
    }

    @Test func aLeaseThatIsTakenAwayWhileNothingUsesItIsForgotten() {
        var (world, _) = recovered([lease(.fixed)])
        #expect(world.tell(.prefixWithdrawn(LeaseID(5))) == [])
        #expect(world.ask(.fixed, cookie: 1).asked.count == 1)
        #expect(world.reconfigure { $0.sources = [] }.said == [.cancel(LeaseID(6))])
    }
}
