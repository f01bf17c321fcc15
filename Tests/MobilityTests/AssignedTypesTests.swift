import Mobility
import Testing

/// Types of which the kernel gives addresses to programs that do not ask.
@Suite struct AssignedTypesTests {
    private func requester(_ cookie: SocketCookie) -> Requester {
        Requester(cookie: cookie, transport: 17, user: 1000, process: 42, inode: 9)
    }

    /// A host on which the kernel gives session-lasting addresses, and the one that it gives.
    private func assigned() throws -> (World, IPv6Address) {
        var world = World { $0.types.sessionLasting.linger = .zero }
        _ = world.tell(.recovered)
        let done = world.perform(world.tell(.typesAssigned([.sessionLasting])))
        return (world, try #require(done.planned?.address))
    }

    @Test func anAddressOfTheTypeIsThereAndStays() throws {
        var (world, address) = try assigned()
        #expect(world.rules.addressForEverybody(.sessionLasting) == address)
        #expect(world.rules.addressForEverybody(.fixed) == nil)
        #expect(!world.perform(world.pass(.seconds(1000))).removes(address))
    }

    @Test func itGoesWhenNobodyHasTheTypeAnyMore() throws {
        var (world, address) = try assigned()
        let done = world.perform(world.tell(.typesAssigned([])) + world.pass(.zero))
        #expect(done.removes(address))
        #expect(world.rules.addressForEverybody(.sessionLasting) == nil)
    }

    @Test func aSocketThatGotItKeepsItAndIsRecorded() throws {
        var (world, address) = try assigned()
        let given = world.tell(.addressGiven(address, requester(7)))
        #expect(
            given.contains {
                if case .keepRecord(_, let record, _) = $0 { record.requester == requester(7) } else { false }
            })
        #expect(world.rules.keeps(7, address: address))
        #expect(!world.perform(world.tell(.typesAssigned([])) + world.pass(.seconds(60))).removes(address))
        #expect(world.perform(world.tell(.socketDestroyed(7)) + world.pass(.zero)).removes(address))
    }

    @Test func anAddressThatIsNotOursIsNobodys() throws {
        var (world, _) = try assigned()
        #expect(world.tell(.addressGiven("2001:db8:ffff::1", requester(7))).isEmpty)
        #expect(world.rules.socketCount == 0)
    }

    @Test(arguments: [TypePolicy.Share.user, .socket])
    func promise6_whoSharesWithNobodyIsGivenNothing(share: TypePolicy.Share) {
        var world = World { $0.types.sessionLasting.share = share }
        _ = world.tell(.recovered)
        #expect(world.perform(world.tell(.typesAssigned([.sessionLasting]))).planned == nil)
        _ = world.get(.sessionLasting, cookie: 1)
        #expect(world.rules.addressForEverybody(.sessionLasting) == nil)
    }

    @Test func aTypeThatIsThereAtBootAnywayIsKeptWhenItIsUnassigned() throws {
        var world = World { $0.types.sessionLasting.isAcquiredAtBoot = true }
        let address = try #require(world.perform(world.tell(.recovered)).planned?.address)
        _ = world.perform(world.tell(.typesAssigned([.sessionLasting])))
        let done = world.perform(world.tell(.typesAssigned([])) + world.pass(.seconds(1000)))
        #expect(!done.removes(address))
    }

    @Test func onlyFoundSocketsAreTold() throws {
        var (world, address) = try assigned()
        #expect(!world.rules.hasFoundSockets)
        _ = world.tell(.addressGiven(address, requester(7)))
        #expect(!world.rules.hasFoundSockets)
        _ = world.tell(.socketFound(FoundSocket(cookie: 8, address: address, transport: 6, user: 0)))
        #expect(world.rules.hasFoundSockets)
        _ = world.tell(.socketDestroyed(8))
        #expect(!world.rules.hasFoundSockets)
    }
}
