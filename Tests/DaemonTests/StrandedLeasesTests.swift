import Mobility
import Testing

@testable import Daemon

@Suite("Prefixes whose source is not there") struct StrandedLeasesTests {
    private var leases = StrandedLeases()
    private let modem = Self.stored(1, "modem")
    private let tunnel = Self.stored(2, "tunnel")
    private let other = Self.stored(3, "modem")

    init() {
        leases.add(other, until: Instant(microseconds: 30))
        leases.add(modem, until: Instant(microseconds: 20))
        leases.add(tunnel, until: nil)
    }

    private static func stored(_ id: UInt64, _ source: String) -> StoredLease {
        StoredLease(
            LeasedPrefix(id: LeaseID(id), source: source, type: .fixed, prefix: "2001:db8:a::/64"),
            helper: StoredLease.Helper(identifier: "a-\(id)"))
    }

    @Test mutating func theyEndWhenTheirTimeIsOver() {
        #expect(leases.nextEnd == Instant(microseconds: 20))
        #expect(leases.takeOverdue(at: Instant(microseconds: 19)) == [])
        #expect(leases.takeOverdue(at: Instant(microseconds: 20)) == [modem])
        #expect(leases.nextEnd == Instant(microseconds: 30))
        #expect(leases.takeOverdue(at: Instant(microseconds: .max)) == [other])
        #expect(leases.nextEnd == nil)
    }

    @Test mutating func theyAreTakenWhenTheirSourceIsBack() {
        leases.giveBack(LeaseID(3))
        leases.giveBack(LeaseID(4))
        #expect(leases.take(of: ["home"]) == [])
        #expect(
            leases.take(of: ["home", "modem"]) == [
                .init(stored: modem, end: Instant(microseconds: 20)),
                .init(stored: other, end: Instant(microseconds: 30), isGivenBack: true),
            ])
        #expect(leases.take(of: ["modem"]) == [] && leases.nextEnd == nil)
        #expect(leases.take(of: ["tunnel"]) == [.init(stored: tunnel)])
    }
}
