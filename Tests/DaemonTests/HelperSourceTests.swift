import CLibc
import Mobility
import Posix
import Testing

@testable import Daemon

/// Programs that do as they should, and the lives of their prefixes.
@Suite("Helpers")
struct HelperSourceTests {
    private static let answer = #"echo '{"version":1,"prefix":"2001:db8:0:100::/64","token":"five"}'"#
    private static let lease = LeasedPrefix(
        id: LeaseID(1), source: "modem", type: .sessionLasting, prefix: "2001:db8:0:100::/64")

    /// Answers, and writes each question down.
    private static let recorder = "cat >> $0/questions; " + answer

    @Test func aPrefixFromQuestionToRelease() throws {
        let fixture = try HelperFixture(Self.recorder)
        fixture.ask()
        #expect(fixture.outcomes.isEmpty, "nothing is told within the call")
        #expect(try fixture.nextOutcome() == .granted(Self.lease))
        let kept = try #require(fixture.leases[LeaseID(1)])
        #expect(kept.token == "five" && kept.validUntil == nil)
        fixture.giveBack()
        #expect(try fixture.run { fixture.leases.isEmpty })

        let acquire = #"{"id":"\#(kept.identifier)","on_net":false,"operation":"acquire","source":"modem","#
        let release = acquire.replacing("acquire", with: "release")
        let questions = [
            acquire + #""timeout_seconds":30,"type":"session-lasting","version":1}"#,
            String(release.dropLast(#""source":"modem","#.count))
                + #""prefix":"2001:db8:0:100::/64","source":"modem","timeout_seconds":30,"token":"five","#
                + #""type":"session-lasting","version":1}"#,
        ]
        #expect(fixture.lines("questions") == questions)
        #expect(fixture.log.isEmpty)
    }

    @Test func everythingThatIsAsked() throws {
        let fixture = try HelperFixture(Self.recorder)
        fixture.source?.ask(
            PrefixRequest(
                id: LeaseID(1), source: "modem", type: .gracefulReplacement, interface: "wlan0", isOnNet: true
            ))
        _ = try fixture.nextOutcome()
        let question = try #require(fixture.lines("questions").first)
        #expect(question.contains(#""interface":"wlan0","on_net":true,"#))
        #expect(question.contains(#""type":"graceful-replacement""#))
    }

    @Test func identifiersOfTwoRunsDiffer() throws {
        let identifiers = try (0..<2).map { _ in
            let fixture = try HelperFixture(Self.answer)
            fixture.ask()
            _ = try fixture.nextOutcome()
            return try #require(fixture.leases[LeaseID(1)]).identifier
        }
        #expect(identifiers[0] != identifiers[1])
    }

    @Test func aLeaseOfAnEarlierRunIsRenewedInTime() throws {
        let fixture = try HelperFixture(
            #"cat >> $0/questions; echo '{"version":1,"prefix":"2001:db8:0:100::/64","valid_seconds":3600}'"#)
        let end = try fixture.adopt(identifier: "earlier-1", token: "t")
        #expect(try fixture.run { fixture.leases[LeaseID(1)]?.validUntil ?? end > end + .seconds(3000) })
        #expect(fixture.leases[LeaseID(1)]?.identifier == "earlier-1")
        #expect(fixture.leases[LeaseID(1)]?.token == "t")
        let question = fixture.lines("questions").joined()
        #expect(question.contains(#""id":"earlier-1""#) && question.contains(#""operation":"renew""#))
        #expect(question.contains(#""token":"t""#))
        #expect(fixture.outcomes.isEmpty)
    }

    @Test func aLeaseThatIsNotRenewedIsWithdrawnAtItsEnd() throws {
        let fixture = try HelperFixture("exit 75")
        try fixture.adopt(identifier: "earlier-1")
        let explanation = "its time is over, and the helper did not renew it"
        #expect(try fixture.nextOutcome() == .withdrawn(LeaseID(1), explanation: explanation))
        #expect(
            fixture.log == [
                "odmd: warning: modem: renewing 2001:db8:0:100::/64: the helper has no prefix for now"
            ])
    }

    // MARK: Many at a time

    @Test func someRunAtATimeAndTheOthersWait() throws {
        var limits = HelperLimits()
        limits.programs = 3
        let fixture = try HelperFixture(
            "echo + >> $0/runs; sleep 0.05; echo - >> $0/runs; exit 69", limits: limits)
        for number in 1...12 { fixture.ask(UInt64(number)) }
        #expect(try fixture.run { fixture.outcomes.count == 12 })
        var (running, most) = (0, 0)
        for line in fixture.lines("runs") {
            running += line == "+" ? 1 : -1
            most = max(most, running)
        }
        #expect(most == 3)
    }

    @Test func moreThanMayWaitAreRefused() throws {
        var limits = HelperLimits()
        limits.acquisitions = 2
        let fixture = try HelperFixture("sleep 0.1; exit 69", limits: limits)
        for number in 1...3 { fixture.ask(UInt64(number)) }
        #expect(fixture.outcomes.isEmpty, "nothing is told within the call")
        let explanation = "2 questions to the helper wait already"
        #expect(
            try fixture.nextOutcome() == .refused(LeaseID(3), .networkRefused, explanation: explanation))
        #expect(try fixture.run { fixture.outcomes.count == 2 })
    }

    @Test func whoCancelsWhileItWaitsNeverStartsAProgram() throws {
        var limits = HelperLimits()
        limits.programs = 1
        let fixture = try HelperFixture("cat >> $0/questions; sleep 0.1; exit 69", limits: limits)
        for number in 1...3 { fixture.ask(UInt64(number)) }
        fixture.cancel(2)
        #expect(try fixture.run { fixture.outcomes.count == 2 })
        #expect(fixture.lines("questions").count == 2)
    }

    // MARK: What a program says

    @Test func standardErrorIsLoggedWithinBounds() throws {
        let fixture = try HelperFixture(
            #"printf 'a\033[2Jb\n\n' >&2; seq 100 >&2; printf 'no end' >&2; exit 69"#)
        fixture.ask()
        _ = try fixture.nextOutcome()
        let lines = fixture.log
        #expect(lines.count == 21)
        #expect(lines.first == #"odmd: modem: helper: a\u{1b}[2Jb"#)
        #expect(lines[1] == "odmd: modem: helper: 1")
        #expect(lines.last == "odmd: modem: helper: (it says more, which is not logged)")
    }

    @Test func aProgramThatFailsAllDayDoesNotFillTheLog() throws {
        let fixture = try HelperFixture("seq 15 >&2; exit 69")
        for number in 1...10 { fixture.ask(UInt64(number)) }
        #expect(try fixture.run { fixture.outcomes.count == 10 })
        #expect(fixture.log.count == 61)
        #expect(
            fixture.log.last
                == "odmd: warning: modem: the helper says too much; for a minute it is not logged")
    }

    @Test(.enabled(if: geteuid() == 0, "only root can become somebody else"))
    func itRunsAsNobody() throws {
        let fixture = try HelperFixture("id -u >&2; id -g >&2; exit 69")
        fixture.ask()
        _ = try fixture.nextOutcome()
        #expect(fixture.log == ["odmd: modem: helper: 65534", "odmd: modem: helper: 65534"])
    }
}
