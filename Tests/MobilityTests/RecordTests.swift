import Mobility
import Testing

/// What is remembered of grants outside of the process, and what a new daemon makes of it.
@Suite struct RecordTests {
    private let address: IPv6Address = "2001:db8:a:1::7"

    private func requester(_ cookie: SocketCookie, isDeathAnnounced: Bool = true) -> Requester {
        Requester(
            cookie: cookie, transport: 6, user: 1000, process: 42, inode: 9,
            isDeathAnnounced: isDeathAnnounced)
    }

    private func record(
        _ requester: Requester?, _ address: IPv6Address, owner: AddressOwner? = nil,
        isRoutedOnly: Bool = false
    ) -> SocketRecord {
        SocketRecord(
            requester: requester, address: address, type: .sessionLasting, owner: owner, isOnNet: false,
            isRoutedOnly: isRoutedOnly, since: Instant(microseconds: 1_000_000))
    }

    /// A daemon that starts and finds one address and one record of it.
    private func recovered(
        _ record: SocketRecord, number: SocketRecord.Number = 3, users: [FoundSocket] = [],
        _ change: (inout Configuration) -> Void = { _ in }
    ) -> (World, [Action]) {
        var world = World(change)
        let found = FoundAddress(address: address, type: .sessionLasting, interfaceIndex: 1)
        let told =
            world.tell(.addressFound(found)) + world.tell(.recordFound(number, record))
            + world.tell(.recovered)
        let done = world.perform(told, users: users)
        return (world, done)
    }

    @Test func theRecordIsKeptBeforeTheAnswerAndErasedWhenTheSocketHasDied() throws {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 1)
        let actions = world.ask(.sessionLasting, cookie: 2)
        #expect(
            actions == [
                .keepRecord(1, record(requester(2), address), for: request(2)),
                .answer(request(2), .granted(Grant(address: address, type: .sessionLasting))),
            ])
        #expect(world.tell(.socketDestroyed(1)) == [.eraseRecord(0)])
        // The number is used again.
        #expect(
            world.ask(.sessionLasting, cookie: 3).first
                == .keepRecord(0, record(requester(3), address), for: request(3)))
    }

    @Test func whoAsksAgainForWhatHeHasNeedsNoOtherRecord() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 1)
        let grant = Grant(address: address, type: .sessionLasting)
        #expect(world.ask(.sessionLasting, cookie: 1) == [.answer(request(2), .granted(grant))])
    }

    @Test func promise5_aGrantThatCannotBeRecordedIsRefusedAndLeavesNothing() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 1)
        _ = world.tell(.socketDestroyed(1))
        let actions = world.ask(.sessionLasting, cookie: 2)
        guard case .keepRecord(_, let record, let id) = actions.first else {
            Issue.record("no record")
            return
        }
        let refused = world.tell(.recordRefused(id, record, errno: 28))
        #expect(refused.answer == .refused(.kernel(28)))
        #expect(world.rules.socketCount == 0)
        #expect(world.perform(world.pass(.seconds(30))).removes(address))
    }

    @Test func promise1_aSocketThatHasNotBoundIsKnownToTheNextDaemon() {
        var (world, done) = recovered(record(requester(7), address))
        #expect(done.contains(.findHolders))
        #expect(world.rules.latestGrant(of: 7)?.address == address)
        // Nobody answers: in doubt it stays, and is looked for again.
        #expect(
            world.perform(world.pass(.seconds(5))).contains(
                .findHolders))
        #expect(!world.perform(world.pass(.seconds(1000))).removes(address))
        _ = world.tell(.socketHeld(7))
        _ = world.perform(world.pass(.seconds(5)))
        #expect(world.perform(world.pass(.seconds(1000))) == [])
        #expect(world.tell(.socketDestroyed(7)) == [.eraseRecord(3)])
        #expect(world.perform(world.pass(.seconds(30))).removes(address))
    }

    @Test func promise2_aSocketThatDiedMeanwhileIsForgotten() {
        var (world, _) = recovered(record(requester(7), address))
        #expect(world.tell(.socketGone(7)) == [.eraseRecord(3)])
        #expect(world.perform(world.pass(.seconds(30))).removes(address))
        #expect(world.perform(world.pass(.seconds(100))) == [.stopFollowingSocketDeaths])
    }

    @Test func aSocketThatIsListedIsNotLookedForInProcesses() {
        let user = FoundSocket(cookie: 7, address: address, transport: 6, user: 1000)
        let (world, done) = recovered(record(requester(7), address), users: [user])
        #expect(!done.contains { if case .findHolders = $0 { true } else { false } })
        #expect(world.rules.socketCount == 1)
    }

    @Test func aRecordOfAnAddressThatIsNotThereAndThatNoSourceHasIsErased() {
        var world = World { $0.sources = [] }
        #expect(world.tell(.recordFound(5, record(requester(7), address))) == [.eraseRecord(5)])
        #expect(world.rules.socketCount == 0)
    }

    @Test func promise1_anAddressThatSomebodyTookAwayWhileNoDaemonRanIsPutBack() {
        var world = World()
        let told = world.tell(.recordFound(5, record(requester(7), address))) + world.tell(.recovered)
        let done = world.perform(told)
        #expect(done.contains(.report(.putBack(.address(address)))))
        #expect(world.state(address) == .active)
        _ = world.tell(.socketGone(7))
        #expect(world.perform(world.pass(.seconds(30))).removes(address))
    }

    @Test func anAddressStaysReservedForWhomItWasMade() {
        let (world, _) = recovered(record(requester(7), address, owner: .user(1000))) {
            $0.types.sessionLasting.share = .user
        }
        var stranger = world
        #expect(stranger.get(.sessionLasting, cookie: 8, user: 2000) != address)
        var friend = world
        #expect(friend.get(.sessionLasting, cookie: 8, user: 1000) == address)
    }

    @Test func theAdministratorsHoldOutlivesTheDaemon() {
        var (world, _) = recovered(record(nil, address))
        #expect(!world.perform(world.pass(.seconds(1000))).removes(address))
        let released = world.tell(.released(address))
        #expect(released.contains(.eraseRecord(3)))
        #expect(world.perform(released).removes(address))
    }

    @Test func promise1_anAddressThatIsOnlyRoutedIsKnownByItsRecord() {
        var world = World { $0.sources[0].place = .route }
        let told =
            world.tell(.routingFound(.localRoute("2001:db8:a::/56")))
            + world.tell(.recordFound(0, record(requester(7), address, isRoutedOnly: true)))
            + world.tell(.recovered)
        let done = world.perform(told)
        #expect(!done.contains(.removeRouting(.localRoute("2001:db8:a::/56"))))
        #expect(world.rules.latestGrant(of: 7)?.needsFreeBind == true)
        _ = world.tell(.socketGone(7))
        let end = world.perform(world.pass(.seconds(30)))
        #expect(end.contains(.removeRouting(.localRoute("2001:db8:a::/56"))))
    }

    @Test func promise1_aSocketBoundInARoutedPrefixIsFoundWithoutItsRecord() {
        var world = World { $0.sources[0].place = .route }
        let user = FoundSocket(cookie: 7, address: address, transport: 6, user: 1000)
        let told =
            world.tell(.routingFound(.localRoute("2001:db8:a::/56"))) + world.tell(.recordsIncomplete)
            + world.tell(.recovered)
        let done = world.perform(told, users: [user])
        #expect(!done.contains(.removeRouting(.localRoute("2001:db8:a::/56"))))
        #expect(world.rules.socketCount == 1)
    }

    @Test func withoutRecordsASocketThatHasNotBoundGetsSomeTime() {
        var world = World { $0.types.sessionLasting.linger = .zero }
        let found = FoundAddress(address: address, type: .sessionLasting, interfaceIndex: 1)
        let told =
            world.tell(.addressFound(found)) + world.tell(.recordsIncomplete) + world.tell(.recovered)
        _ = world.perform(told)
        #expect(!world.perform(world.pass(.seconds(9))).removes(address))
        #expect(world.perform(world.pass(.seconds(1))).removes(address))
    }

    @Test func aRoutingPrefixThatNoSourceHasAnyMoreStaysForThoseWhoUseIt() {
        var world = World { $0.sources = [] }
        let told =
            world.tell(.routingFound(.localRoute("2001:db8:a::/56")))
            + world.tell(.addressFound(FoundAddress(address: address, type: .fixed, interfaceIndex: 1)))
            + world.tell(.recordFound(0, record(requester(7), address))) + world.tell(.recovered)
        #expect(!world.perform(told).contains(.removeRouting(.localRoute("2001:db8:a::/56"))))
        _ = world.tell(.socketGone(7))
        let end = world.perform(world.tell(.released(address)))
        #expect(end.contains(.removeRouting(.localRoute("2001:db8:a::/56"))))
    }

    // MARK: Sockets whose death is not announced

    @Test func promise2_aSocketWhoseDeathIsSilentIsLookedForAgainAndAgain() {
        var world = World()
        let silent = requester(7, isDeathAnnounced: false)
        let asked = world.tell(
            .requested(AddressRequest(id: request(1), type: .sessionLasting, requester: silent)))
        _ = world.perform(asked)
        let look = Action.findHolders
        for _ in 1...3 {
            #expect(world.pass(.seconds(5)) == [look])
            _ = world.tell(.socketHeld(7))
        }
        _ = world.pass(.seconds(5))
        _ = world.tell(.socketGone(7))
        #expect(world.rules.socketCount == 0)
        #expect(!world.perform(world.pass(.seconds(100))).contains(look))
    }

    @Test func promise1_aSilentSocketThatWasBoundByHandPostponesTheEnd() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 1)
        _ = world.tell(.socketDestroyed(1))
        let user = FoundSocket(
            cookie: 7, address: address, transport: 136, user: 0, isDeathAnnounced: false)
        #expect(!world.perform(world.pass(.seconds(100)), users: [user]).removes(address))
        #expect(world.perform(world.pass(.seconds(5))).removes(address))
    }

    @Test func aConnectionInTimeWaitKeepsItsAddressForAShortTimeNotForALingerTime() {
        var world = World { $0.types.sessionLasting.linger = .zero }
        let address = world.get(.sessionLasting, cookie: 1)
        _ = world.tell(.socketDestroyed(1))
        let prefix = IPv6Prefix(host: address)
        #expect(world.pass(.zero) == [.findSockets(prefix)])
        _ = world.tell(.timeWaitFound(address, left: .seconds(59)))
        #expect(world.tell(.socketsListed(prefix)) == [])
        #expect(!world.pass(.milliseconds(1999)).contains(.findSockets(prefix)))
        #expect(world.pass(.milliseconds(1)).contains(.findSockets(prefix)))
        _ = world.tell(.timeWaitFound(address, left: .seconds(57)))
        #expect(world.tell(.socketsListed(prefix)).removes(address))
    }

    @Test func twoRequestsOfOneSocketThatAreTakenElsewhereTogetherBothDependOnTheRecord() throws {
        var world = World.asking(.servers()) {
            $0.sources.append(
                Source(
                    name: "home", types: [.sessionLasting], prefixes: ["2001:db8:a::/56"], place: .route))
        }
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        _ = world.ask(.sessionLasting, cookie: 1)
        let actions = world.tell(.prefixRefused(asked.id, .networkRefused))
        #expect(actions.answers.count == 2)
        let kept = actions.compactMap { if case .keepRecord(_, _, let id) = $0 { id } else { nil } }
        #expect(kept == [request(1), request(2)])
    }

    @Test func twoRequestsOfTheAdministratorThatAreTakenElsewhereTogetherBothDependOnTheRecord() throws {
        var world = World.asking(.servers()) {
            $0.sources.append(
                Source(
                    name: "home", types: [.sessionLasting], prefixes: ["2001:db8:a::/56"], place: .route))
        }
        let asked = try #require(world.acquire(.sessionLasting).asked.first)
        _ = world.acquire(.sessionLasting)
        let actions = world.tell(.prefixRefused(asked.id, .networkRefused))
        let kept = actions.compactMap { if case .keepRecord(_, _, let id) = $0 { id } else { nil } }
        #expect(kept == [request(1), request(2)])
    }
}
