import Mobility
import Testing

@testable import Daemon

@Suite("The ledger of a helper")
final class HelperLedgerTests: HelperLedgerPlay {
    // MARK: Acquiring

    @Test func aPrefixForEver() {
        #expect(handle(.wanted(Self.request())) == [.ask(Self.question(.acquire))])
        let lease = Self.lease(token: "t")
        #expect(
            answer(#""prefix":"\#(Self.prefix)","token":"t""#) == [
                .keep(lease), .tell(.granted(lease.lease)),
            ])
        #expect(ledger.nextDeadline == nil)
        let release = Self.question(.release, prefix: "2001:db8:0:100::/64", token: "t")
        #expect(handle(.givenBack(LeaseID(1))) == [.ask(release)])
        #expect(handle(.givenBack(LeaseID(1))).isEmpty)
        #expect(handle(.ended(LeaseID(1), .exited(status: 0, answer: []))) == [.forget(LeaseID(1))])
        #expect(ledger.standings.isEmpty)
    }

    @Test func theUplinkOfTheAnswerComesFirst() {
        var request = Self.request()
        request.interface = "wlan0"
        var question = Self.question(.acquire)
        question.interface = "wlan0"
        #expect(handle(.wanted(request)) == [.ask(question)])
        let actions = answer(#""prefix":"2001:db8::/64","interface":"tun0""#)
        guard case .keep(let lease)? = actions.first else { return #expect(Bool(false), "\(actions)") }
        #expect(lease.lease.interface == "tun0")
    }

    private static let clearRefusals: [(HelperEnding, String)] = [
        (.exited(status: 69, answer: []), "the helper has no prefix of the type"),
        (.exited(status: 75, answer: []), "the helper has no prefix for now"),
        (
            .exited(status: 0, answer: Array(#"{"version":1,"error":"no SIM"}"#.utf8)),
            "the helper says: no SIM"
        ),
        (
            .exited(status: 69, answer: Array(#"{"version":1,"error":"no SIM"}"#.utf8)),
            "the helper says: no SIM"
        ),
        (.notStarted("execute /x: No such file"), "the helper cannot be started: execute /x: No such file"),
    ]

    @Test(arguments: clearRefusals.indices)
    func whatIsClearlyRefusedLeavesNothing(index: Int) {
        let (ending, explanation) = Self.clearRefusals[index]
        _ = handle(.wanted(Self.request()))
        #expect(fail(ending) == [Self.refused(.networkRefused, explanation)])
        #expect(ledger.standings.isEmpty)
    }

    private static let failures: [(HelperEnding, String)] = [
        (.exited(status: 0, answer: []), "the helper's answer is empty"),
        (.exited(status: 0, answer: [0xff]), "the helper's answer is no JSON object"),
        (.exited(status: 1, answer: []), "the helper failed with exit status 1"),
        (
            .exited(status: 3, answer: Array(#"{"version":1,"error":"no SIM"}"#.utf8)),
            "the helper failed with exit status 3; the helper says: no SIM"
        ),
        (.killed(signal: 11), "the helper was killed by SIGSEGV"),
        (.tooTalkative(limit: 4096), "the helper was ended because it wrote more than 4096 octets"),
        (.unknown, "the helper ended, and nobody knows how"),
    ]

    @Test(arguments: failures.indices)
    func whatEndsInTheDarkIsUndone(index: Int) {
        let (ending, explanation) = Self.failures[index]
        _ = handle(.wanted(Self.request()))
        #expect(
            fail(ending)
                == [Self.refused(.networkRefused, explanation), .ask(Self.question(.release))])
        // Nothing was kept, so nothing is forgotten.
        #expect(fail(.exited(status: 0, answer: [])).isEmpty)
        #expect(ledger.standings.isEmpty)
    }

    // MARK: Nobody waits

    @Test func whatComesTooLateIsGivenBack() {
        _ = handle(.wanted(Self.request()))
        #expect(
            handle(.overdue(LeaseID(1)))
                == [Self.refused(.timedOut, "the helper did not answer in time")])
        #expect(
            answer(#""prefix":"\#(Self.prefix)","token":"t""#)
                == [.ask(Self.question(.release, prefix: "2001:db8:0:100::/64", token: "t"))])
    }

    @Test func whatIsCancelledIsStoppedAndUndone() {
        _ = handle(.wanted(Self.request()))
        #expect(handle(.cancelled(LeaseID(1))) == [.stop(LeaseID(1))])
        #expect(handle(.overdue(LeaseID(1))).isEmpty)
        #expect(fail(.killed(signal: 15)) == [.ask(Self.question(.release))])
    }

    @Test(arguments: [HelperEnding.notAsked, .notStarted("x"), .exited(status: 75, answer: [])])
    func whatIsCancelledAndDidNothingLeavesNothing(ending: HelperEnding) {
        _ = handle(.wanted(Self.request()))
        _ = handle(.cancelled(LeaseID(1)))
        #expect(fail(ending).isEmpty)
        #expect(ledger.standings.isEmpty)
    }

    // MARK: Limits

    @Test func moreQuestionsThanTheProgramKeepsUpWith() {
        for number in 1...64 { #expect(handle(.wanted(Self.request(UInt64(number)))).count == 1) }
        let explanation = "64 questions to the helper wait already"
        #expect(
            handle(.wanted(Self.request(65)))
                == [.tell(.refused(LeaseID(65), .networkRefused, explanation: explanation))])
        // Also those that nobody waits for any more are still asked.
        _ = handle(.cancelled(LeaseID(2)))
        #expect(handle(.wanted(Self.request(66))).count == 1)
        _ = handle(.ended(LeaseID(2), .notAsked))
        guard case .ask? = handle(.wanted(Self.request(67))).first else { return #expect(Bool(false)) }
    }

    @Test func morePrefixesThanOneSourceMayGive() {
        let answer = Array(#"{"version":1,"prefix":"2001:db8::/64"}"#.utf8)
        for number in 1...1024 {
            _ = handle(.wanted(Self.request(UInt64(number))))
            _ = handle(.ended(LeaseID(UInt64(number)), .exited(status: 0, answer: answer)))
        }
        guard case .tell(.refused(_, .exhausted, _))? = handle(.wanted(Self.request(2000))).first else {
            return #expect(Bool(false))
        }
    }
}
