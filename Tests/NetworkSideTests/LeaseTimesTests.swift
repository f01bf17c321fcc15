import Testing

@testable import Mobility
@testable import NetworkSide

/// T1 and T2 as servers send them, and what becomes of them: seconds after the lease was received, nil for never.
@Suite("Times of a lease") struct LeaseTimesTests {
    private static let never = UInt32.max

    struct Row {
        let renewal, rebinding, preferred, valid: UInt32
        let expected: [Double?]
    }

    static let rows = [
        // As the server says.
        Row(renewal: 10, rebinding: 20, preferred: 80, valid: 100, expected: [10, 20, 100]),
        Row(renewal: 85, rebinding: 90, preferred: 80, valid: 100, expected: [85, 90, 100]),
        Row(renewal: 20, rebinding: 20, preferred: 80, valid: 100, expected: [20, 20, 100]),
        // Zero: 0.5 and 0.8 of the preferred lifetime.
        Row(renewal: 0, rebinding: 0, preferred: 80, valid: 100, expected: [40, 64, 100]),
        Row(renewal: 10, rebinding: 0, preferred: 80, valid: 100, expected: [10, 64, 100]),
        Row(renewal: 0, rebinding: 20, preferred: 80, valid: 100, expected: [20, 20, 100]),
        Row(renewal: 70, rebinding: 0, preferred: 80, valid: 100, expected: [64, 64, 100]),
        // Of the valid lifetime, where the prefix was never preferred.
        Row(renewal: 0, rebinding: 0, preferred: 0, valid: 100, expected: [50, 80, 100]),
        Row(renewal: 0, rebinding: 0, preferred: 1, valid: 1, expected: [0.5, 0.8, 1]),
        // Of the preferred lifetime, where the valid one is infinite.
        Row(renewal: 0, rebinding: 0, preferred: 80, valid: never, expected: [40, 64, nil]),
        Row(renewal: 0, rebinding: 0, preferred: never, valid: never, expected: [nil, nil, nil]),
        Row(renewal: 0, rebinding: 0, preferred: 0, valid: never, expected: [nil, nil, nil]),
        Row(renewal: 10, rebinding: 20, preferred: never, valid: never, expected: [10, 20, nil]),
        // Not before the end of the lease.
        Row(renewal: 100, rebinding: 200, preferred: 80, valid: 100, expected: [40, 64, 100]),
        Row(renewal: 50, rebinding: 200, preferred: 80, valid: 100, expected: [50, 64, 100]),
        // Infinity: the server wants no question.
        Row(renewal: never, rebinding: never, preferred: 80, valid: 100, expected: [nil, nil, 100]),
        Row(renewal: 50, rebinding: never, preferred: 80, valid: 100, expected: [50, nil, 100]),
        Row(renewal: 10, rebinding: 20, preferred: 0, valid: 0, expected: [0, 0, 0]),
    ]

    @Test(arguments: rows) func times(row: Row) {
        let lease = lease(row)
        let times = LeaseTimes(lease)
        let seconds = [times.renewal, times.rebinding, times.expiry].map { instant in
            instant.map { $0.since(lease.receivedAt) / .seconds(1) }
        }
        #expect(seconds == row.expected)
    }

    private func lease(_ row: Row) -> DHCPv6Lease {
        DHCPv6Lease(
            content: .prefixDelegation, identifier: 1, type: .fixed, prefix: prefix("2001:db8::/64"),
            serverIdentifier: [1], renewalSeconds: row.renewal, rebindingSeconds: row.rebinding,
            preferredSeconds: row.preferred, validSeconds: row.valid,
            receivedAt: Instant(microseconds: 3_000_000))
    }

    @Test(
        arguments: [
            (30, [10, 30, 50, 70]), (40, [1, 20, 40, 60]), (100, [1, 1, 1, 1]), (UInt64.max, [1, 1, 0, 0]),
        ] as [(UInt64, [UInt32])])
    func aLeaseAges(seconds: UInt64, expected: [UInt32]) {
        let now = Instant(microseconds: 77)
        let lease = lease(
            Row(renewal: 40, rebinding: 60, preferred: 80, valid: 100, expected: [])
        ).aged(bySeconds: seconds, now: now)
        let isOver = seconds >= 100
        let left = [lease.renewalSeconds, lease.rebindingSeconds, lease.preferredSeconds, lease.validSeconds]
        #expect(left == (isOver ? [1, 1, 0, 0] : expected))
        #expect(lease.receivedAt == now)
        #expect((lease.expiry == now) == isOver)
    }

    @Test func infiniteAndOpenTimesDoNotAge() {
        let lease = lease(Row(renewal: 0, rebinding: 0, preferred: .max, valid: .max, expected: []))
        let aged = lease.aged(bySeconds: 1000, now: lease.receivedAt)
        #expect(aged == lease)
    }
}
