import Mobility
import Testing

@testable import Daemon

@Suite("Prefixes that a helper gave")
final class HelperLeaseTests: HelperLedgerPlay {
    // MARK: Renewing

    @Test func itIsRenewedAtHalfItsTime() throws {
        hold(token: "old")
        let renew = Self.question(.renew, prefix: "2001:db8:0:100::/64", token: "old")
        #expect(try reachDeadline() == [.ask(renew)])
        #expect(seconds == 50)
        // The token stays where the answer has none.
        #expect(
            answer(#""prefix":"\#(Self.prefix)","valid_seconds":100"#)
                == [.keep(Self.lease(token: "old", until: 150, renewAt: 100))])
        _ = try reachDeadline()
        #expect(seconds == 100)
        #expect(
            answer(#""prefix":"\#(Self.prefix)","valid_seconds":200,"preferred_seconds":60,"token":"new""#)
                == [.keep(Self.lease(token: "new", until: 300, renewAt: 130))])
    }

    private static let passingFailures: [(HelperEnding, String)] = [
        (.exited(status: 75, answer: []), "the helper has no prefix for now"),
        (.exited(status: 1, answer: []), "the helper failed with exit status 1"),
        (.exited(status: 0, answer: []), "the helper's answer is empty"),
        (.overdue, "the helper did not answer in time"),
        (.notStarted("x"), "the helper cannot be started: x"),
    ]

    @Test(arguments: passingFailures.indices)
    func aRenewalThatFailsIsTriedAgain(index: Int) throws {
        let (ending, explanation) = Self.passingFailures[index]
        hold()
        for time: UInt64 in [50, 75, 87, 93, 98] {
            _ = try reachDeadline()
            #expect(seconds == time)
            #expect(fail(ending) == [.warn("renewing 2001:db8:0:100::/64: \(explanation)")])
        }
        #expect(
            try reachDeadline()
                == [
                    .forget(LeaseID(1)),
                    .tell(
                        .withdrawn(
                            LeaseID(1), explanation: "its time is over, and the helper did not renew it")),
                ])
        #expect(seconds == 100)
        #expect(ledger.standings.isEmpty)
        #expect(handle(.givenBack(LeaseID(1))).isEmpty)
    }

    @Test func aRenewalThatTakesTooLongIsStoppedAndGivenBack() throws {
        hold()
        _ = try reachDeadline()
        let actions = try reachDeadline()
        #expect(seconds == 100)
        #expect(actions.first == .stop(LeaseID(1)) && actions.count == 3)
        #expect(
            answer(#""prefix":"\#(Self.prefix)","valid_seconds":100"#)
                == [.ask(Self.question(.release, prefix: "2001:db8:0:100::/64"))])
    }

    @Test(arguments: [
        HelperEnding.exited(status: 69, answer: []),
        .exited(status: 0, answer: Array(#"{"version":1,"error":"gone"}"#.utf8)),
    ])
    func aRenewalThatIsRefusedWithdraws(ending: HelperEnding) throws {
        hold()
        _ = try reachDeadline()
        let actions = fail(ending)
        #expect(actions.first == .forget(LeaseID(1)) && actions.count == 2)
        guard case .tell(.withdrawn(LeaseID(1), _))? = actions.last else {
            return #expect(Bool(false), "\(actions)")
        }
        #expect(ledger.standings.isEmpty)
    }

    @Test func anotherPrefixWithdrawsAndIsGivenBack() throws {
        hold()
        _ = try reachDeadline()
        #expect(
            answer(#""prefix":"2001:db8:0:200::/64","token":"t""#)
                == [
                    .forget(LeaseID(1)),
                    .tell(
                        .withdrawn(
                            LeaseID(1), explanation: "the helper gave 2001:db8:0:200::/64 in its place")),
                    .ask(Self.question(.release, prefix: "2001:db8:0:200::/64", token: "t")),
                ])
    }

    // MARK: Releasing

    @Test func aReleaseWaitsForTheRenewal() throws {
        hold()
        _ = try reachDeadline()
        #expect(handle(.givenBack(LeaseID(1))) == [.stop(LeaseID(1))])
        let release = Self.question(.release, prefix: "2001:db8:0:100::/64")
        #expect(fail(.notAsked) == [.ask(release)])
    }

    @Test func aReleaseIsToldThreeTimes() throws {
        hold()
        _ = handle(.givenBack(LeaseID(1)))
        let what = "giving 2001:db8:0:100::/64 back: the helper failed with exit status 1"
        for _ in 1...2 {
            #expect(fail(.exited(status: 1, answer: [])) == [.warn("\(what); tried again")])
            let before = seconds
            #expect(try reachDeadline() == [.ask(Self.question(.release, prefix: "2001:db8:0:100::/64"))])
            #expect(seconds == before + 10)
        }
        #expect(
            fail(.exited(status: 1, answer: [])) == [.warn("\(what); not tried again"), .forget(LeaseID(1))])
        #expect(ledger.standings.isEmpty)
    }

    // MARK: Another run

    @Test func aLeaseOfAnEarlierRunIsRenewedWithinWhatIsLeft() throws {
        now = Instant(microseconds: 40_000_000)
        var lease = Self.lease(token: "t", until: 100)
        lease.identifier = "earlier-7"
        #expect(handle(.adopted(lease)).isEmpty)
        var renew = Self.question(.renew, prefix: "2001:db8:0:100::/64", token: "t")
        renew.identifier = "earlier-7"
        #expect(try reachDeadline() == [.ask(renew)])
        #expect(seconds == 70)
    }

    @Test func aLeaseWhoseTimeIsOverIsWithdrawn() throws {
        now = Instant(microseconds: 140_000_000)
        _ = handle(.adopted(Self.lease(until: 100)))
        let due = try #require(ledger.nextDeadline)
        #expect(due <= now)
        #expect(handle(.deadlineReached).count == 2)
        #expect(ledger.standings.isEmpty)
    }
}
