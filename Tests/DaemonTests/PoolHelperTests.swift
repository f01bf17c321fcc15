import Mobility
import Testing

@testable import Daemon

/// The example program, as a helper of a source.
@Suite("examples/pool-helper")
struct PoolHelperTests {
    private static let program = "\(Fixtures.repository)/examples/pool-helper"

    private static let pool = """
        # prefix           types
        2001:db8:0:100::/64  session-lasting fixed
        2001:db8:0:101::/64  session-lasting   # the second
        2001:db8:0:200::/64  non-persistent

        """

    /// A source whose pool is in its directory.
    ///
    /// As who runs the tests: `nobody` may not be allowed to look into the directory that they are in.
    private static func fixture(state: String? = nil) throws -> HelperFixture {
        let fixture = try HelperFixture(identity: nil) { directory in
            ["/usr/bin/python3", program, "--valid", "3600", "\(directory)/pool", "\(directory)/state"]
        }
        try fixture.write("pool", pool)
        if let state { try fixture.write("state", state) }
        return fixture
    }

    private static func lease(_ number: UInt64, _ prefix: IPv6Prefix) -> PrefixOutcome {
        .granted(LeasedPrefix(id: LeaseID(number), source: "modem", type: .sessionLasting, prefix: prefix))
    }

    @Test func aPoolFromTheFirstPrefixToTheLast() throws {
        let fixture = try Self.fixture()
        for number in 1...3 { fixture.ask(UInt64(number)) }
        #expect(try fixture.run { fixture.outcomes.count == 3 })
        // All three ran at the same time, behind the lock.
        let prefixes = fixture.leases.values.map { "\($0.lease.prefix)" }
        #expect(prefixes.sorted() == ["2001:db8:0:100::/64", "2001:db8:0:101::/64"])
        let refusals = fixture.outcomes.compactMap { outcome -> String? in
            if case .refused(_, .networkRefused, let explanation) = outcome { explanation } else { nil }
        }
        #expect(refusals == ["the helper says: all 2 prefixes for session-lasting are in use"])
        #expect(fixture.log.isEmpty)
    }

    @Test func whatIsGivenBackIsGivenToOthers() throws {
        let fixture = try Self.fixture()
        for (number, prefix) in [(1, "2001:db8:0:100::/64"), (2, "2001:db8:0:101::/64")]
            as [(UInt64, IPv6Prefix)]
        {
            fixture.ask(number)
            #expect(try fixture.nextOutcome() == Self.lease(number, prefix))
        }
        fixture.giveBack(1)
        #expect(try fixture.run { fixture.leases[LeaseID(1)] == nil })
        fixture.ask(3)
        #expect(try fixture.nextOutcome() == Self.lease(3, "2001:db8:0:100::/64"))
    }

    @Test func aTypeThatThePoolDoesNotHave() throws {
        let fixture = try Self.fixture()
        fixture.ask(1, .gracefulReplacement)
        let explanation = "the helper says: no prefix of the pool is for graceful-replacement"
        #expect(
            try fixture.nextOutcome() == .refused(LeaseID(1), .networkRefused, explanation: explanation))
    }

    // MARK: Time

    private static func state(_ identifier: String, until seconds: Int) -> String {
        #"{"\#(identifier)": {"prefix": "2001:db8:0:100::/64", "until": \#(seconds)}}"#
    }

    @Test(arguments: [(0, "2001:db8:0:100::/64"), (1 << 40, "2001:db8:0:101::/64")] as [(Int, IPv6Prefix)])
    func whatIsNotRenewedIsGivenToOthers(until seconds: Int, prefix: IPv6Prefix) throws {
        let fixture = try Self.fixture(state: Self.state("another-1", until: seconds))
        fixture.ask(2)
        #expect(try fixture.nextOutcome() == Self.lease(2, prefix))
    }

    @Test(arguments: [0, 1 << 40]) func aLeaseIsRenewedWhileItIsNobodyElses(until seconds: Int) throws {
        let fixture = try Self.fixture(state: Self.state("earlier-1", until: seconds))
        let end = try fixture.adopt(identifier: "earlier-1")
        #expect(try fixture.run { fixture.leases[LeaseID(1)] != nil })
        #expect(fixture.leases[LeaseID(1)]?.validUntil ?? end > end + .seconds(3590))
        #expect(fixture.outcomes.isEmpty)
    }

    @Test func aLeaseThatIsAnothersIsNotRenewed() throws {
        let fixture = try Self.fixture(state: Self.state("another-1", until: 1 << 40))
        try fixture.adopt(identifier: "earlier-1")
        let explanation = "the helper says: 2001:db8:0:100::/64 is yours no longer"
        #expect(try fixture.nextOutcome() == .withdrawn(LeaseID(1), explanation: explanation))
    }
}
