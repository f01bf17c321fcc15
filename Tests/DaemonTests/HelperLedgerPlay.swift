import Mobility
import Testing

@testable import Daemon

/// A ledger with a clock of our own, for tables of events and what they lead to. Lease 1 is what they are about.
class HelperLedgerPlay {
    var ledger = HelperLedger(source: "modem", interface: "wwan0", run: "ab", limits: HelperLimits())
    var now = Instant(microseconds: 0)

    static let prefix = "2001:db8:0:100::/64"

    func handle(_ event: HelperLedger.Event) -> [HelperLedger.Action] {
        var actions: [HelperLedger.Action] = []
        ledger.handle(event, at: now, &actions)
        return actions
    }

    func answer(_ members: String) -> [HelperLedger.Action] {
        handle(.ended(LeaseID(1), .exited(status: 0, answer: Array("{\"version\":1,\(members)}\n".utf8))))
    }

    func fail(_ ending: HelperEnding) -> [HelperLedger.Action] {
        handle(.ended(LeaseID(1), ending))
    }

    /// Lets time pass up to the next deadline, and that happen.
    func reachDeadline() throws -> [HelperLedger.Action] {
        now = try #require(ledger.nextDeadline)
        return handle(.deadlineReached)
    }

    var seconds: UInt64 { now.microseconds / 1_000_000 }

    static func request(_ number: UInt64 = 1) -> PrefixRequest {
        PrefixRequest(id: LeaseID(number), source: "modem", type: .sessionLasting)
    }

    static func question(
        _ operation: HelperQuestion.Operation, prefix: IPv6Prefix? = nil, token: String? = nil
    ) -> HelperQuestion {
        HelperQuestion(
            operation: operation, id: LeaseID(1), identifier: "ab-1", source: "modem", type: .sessionLasting,
            isOnNet: false, interface: "wwan0", prefix: prefix, token: token, timeout: .seconds(30))
    }

    static func lease(
        token: String? = nil, until seconds: Int64? = nil, renewAt: Int64? = nil
    ) -> HelperLease {
        let lease = LeasedPrefix(
            id: LeaseID(1), source: "modem", type: .sessionLasting, prefix: "2001:db8:0:100::/64",
            interface: "wwan0")
        return HelperLease(
            lease, identifier: "ab-1", token: token,
            validUntil: seconds.map { Instant(microseconds: 0) + .seconds($0) },
            renewAt: renewAt.map { Instant(microseconds: 0) + .seconds($0) })
    }

    static func refused(_ refusal: Refusal, _ explanation: String) -> HelperLedger.Action {
        .tell(.refused(LeaseID(1), refusal, explanation: explanation))
    }

    /// A prefix is held for 100 seconds.
    func hold(token: String? = nil) {
        _ = handle(.wanted(Self.request()))
        let member = token.map { ",\"token\":\"\($0)\"" } ?? ""
        _ = answer(#""prefix":"\#(Self.prefix)","valid_seconds":100"# + member)
    }
}
