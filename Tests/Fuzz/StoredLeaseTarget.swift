import Mobility
import NetworkSide

@testable import Daemon

enum StoredLeaseTarget {
    /// What a file of a lease is believed to say can be gone on with, and is kept as it is.
    static func read(_ octets: Span<UInt8>) {
        let text = (0..<octets.count).map { octets[$0] }
        guard let stored = Json.decode(StoredLease.self, from: text), stored.makesSense else { return }
        precondition(
            Json.decode(StoredLease.self, from: Json.encode(stored)) == stored, "it is kept as it is")
        guard let lease = stored.lease else { preconditionFailure("what makes sense is a lease") }
        let now = Instant(microseconds: 1_000_000_000)
        if let known = stored.dhcpv6?.lease(lease, at: now) { resume(known, at: now) }
        if let known = stored.helper?.lease(lease, at: now) { renew(known, at: now) }
    }

    private static func resume(_ lease: DHCPv6Lease, at now: Instant) {
        var association = DHCPv6Association(
            .init(
                clientIdentifier: [0, 4, 0xc0], content: lease.content, identifier: lease.identifier,
                type: lease.type, conveyance: .none), seed: 1)
        var outputs: [DHCPv6Association.Output] = []
        association.resume(lease, at: now, &outputs)
        guard let due = association.nextDeadline else { preconditionFailure("a server is asked") }
        precondition(outputs == [] && due >= now, "nothing is over yet")
        association.deadlineReached(at: due, &outputs)
        precondition(!outputs.isEmpty, "what is due is done")
    }

    private static func renew(_ lease: HelperLease, at now: Instant) {
        var ledger = HelperLedger(
            source: lease.lease.source, interface: nil, run: "a", limits: HelperLimits())
        var actions: [HelperLedger.Action] = []
        ledger.handle(.adopted(lease), at: now, &actions)
        precondition((ledger.nextDeadline == nil) == (lease.validUntil == nil), "what ends is renewed before")
        if let due = ledger.nextDeadline { ledger.handle(.deadlineReached, at: max(now, due), &actions) }
        for case .ask(let question) in actions {
            precondition(question.line.count <= 4096, "a program can be told of it")
        }
    }
}
