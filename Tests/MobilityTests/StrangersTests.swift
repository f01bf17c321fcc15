import Mobility
import Testing

/// Who has bound by hand to an address that is another's.
@Suite struct StrangersTests {
    /// He keeps what he has, and gets it if he asks. When a neighbour turns out to have it, the owner gets another in its
    /// place, and that is not his.
    @Test func promise6_whatComesInAnAddresssPlaceIsTheOwners() throws {
        var world = World.withUplink(place: .interface)
        _ = world.reconfigure { $0.types.fixed.share = .user }
        let address = world.get(.fixed, cookie: 1, user: 2)
        _ = world.tell(.socketFound(FoundSocket(cookie: 4, address: address, transport: 6, user: 1)))
        _ = world.tell(.addressTentative(address))
        #expect(world.ask(.fixed, cookie: 4, user: 1).answers == [])
        let done = world.perform(world.tell(.addressDuplicate(address)))
        let given = try #require(world.rules.latestGrant(of: 4)?.address, "\(done)")
        #expect(given != address)
        #expect(world.get(.fixed, cookie: 5, user: 2) != given)
    }
}
