import Mobility
import Testing

@testable import Daemon

/// What is decided: a table of events and what they lead to, with a clock of our own.
@Suite("The ledger of a helper")
struct HelperLedgerTests {
    private var ledger = HelperLedger(source: "modem", interface: "wwan0", run: "ab", limits: HelperLimits())
    private var now = Instant(microseconds: 0)

    private static let prefix = "2001:db8:0:100::/64"

    private mutating func handle(_ event: HelperLedger.Event) -> [HelperLedger.Action] {
        var actions: [HelperLedger.Action] = []
        ledger.handle(event, at: now, &actions)
        return actions
    }

    private mutating func answer(_ members: String) -> [HelperLedger.Action] {
        handle(.ended(LeaseID(1), .exited(status: 0, answer: Array("{\"version\":1,\(members)}\n".utf8))))
    }

    private mutating func fail(_ ending: HelperEnding) -> [HelperLedger.Action] {
        handle(.ended(LeaseID(1), ending))
    }

    /// Lets time pass up to the next deadline, and that happen.
    private mutating func reachDeadline() throws -> [HelperLedger.Action] {
        now = try #require(ledger.nextDeadline)
        return handle(.deadlineReached)
    }

    private var seconds: UInt64 { now.microseconds / 1_000_000 }

    private static func request(_ number: UInt64 = 1) -> PrefixRequest {
        PrefixRequest(id: LeaseID(number), source: "modem", type: .sessionLasting)
    }

    private static func question(
        _ operation: HelperQuestion.Operation, prefix: IPv6Prefix? = nil, token: String? = nil
    ) -> HelperQuestion {
        HelperQuestion(
            operation: operation, id: LeaseID(1), identifier: "ab-1", source: "modem", type: .sessionLasting,
            isOnNet: false, interface: "wwan0", prefix: prefix, token: token, timeout: .seconds(30))
    }

    private static func lease(
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

    private static func refused(_ refusal: Refusal, _ explanation: String) -> HelperLedger.Action {
        .tell(.refused(LeaseID(1), refusal, explanation: explanation))
    }

    /// A prefix is held for 100 seconds.
    private mutating func hold(token: String? = nil) {
        _ = handle(.wanted(Self.request()))
        let member = token.map { ",\"token\":\"\($0)\"" } ?? ""
        _ = answer(#""prefix":"\#(Self.prefix)","valid_seconds":100"# + member)
    }

    // MARK: Acquiring

    @Test mutating func aPrefixForEver() {
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

    @Test mutating func theUplinkOfTheAnswerComesFirst() {
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
    mutating func whatIsClearlyRefusedLeavesNothing(index: Int) {
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
    mutating func whatEndsInTheDarkIsUndone(index: Int) {
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

    @Test mutating func whatComesTooLateIsGivenBack() {
        _ = handle(.wanted(Self.request()))
        #expect(
            handle(.overdue(LeaseID(1)))
                == [Self.refused(.timedOut, "the helper did not answer in time")])
        #expect(
            answer(#""prefix":"\#(Self.prefix)","token":"t""#)
                == [.ask(Self.question(.release, prefix: "2001:db8:0:100::/64", token: "t"))])
    }

    @Test mutating func whatIsCancelledIsStoppedAndUndone() {
        _ = handle(.wanted(Self.request()))
        #expect(handle(.cancelled(LeaseID(1))) == [.stop(LeaseID(1))])
        #expect(handle(.overdue(LeaseID(1))).isEmpty)
        #expect(fail(.killed(signal: 15)) == [.ask(Self.question(.release))])
    }

    @Test(arguments: [HelperEnding.notAsked, .notStarted("x"), .exited(status: 75, answer: [])])
    mutating func whatIsCancelledAndDidNothingLeavesNothing(ending: HelperEnding) {
        _ = handle(.wanted(Self.request()))
        _ = handle(.cancelled(LeaseID(1)))
        #expect(fail(ending).isEmpty)
        #expect(ledger.standings.isEmpty)
    }

    // MARK: Renewing

    @Test mutating func itIsRenewedAtHalfItsTime() throws {
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
    mutating func aRenewalThatFailsIsTriedAgain(index: Int) throws {
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

    @Test mutating func aRenewalThatTakesTooLongIsStoppedAndGivenBack() throws {
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
    mutating func aRenewalThatIsRefusedWithdraws(ending: HelperEnding) throws {
        hold()
        _ = try reachDeadline()
        let actions = fail(ending)
        #expect(actions.first == .forget(LeaseID(1)) && actions.count == 2)
        guard case .tell(.withdrawn(LeaseID(1), _))? = actions.last else {
            return #expect(Bool(false), "\(actions)")
        }
        #expect(ledger.standings.isEmpty)
    }

    @Test mutating func anotherPrefixWithdrawsAndIsGivenBack() throws {
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

    @Test mutating func aReleaseWaitsForTheRenewal() throws {
        hold()
        _ = try reachDeadline()
        #expect(handle(.givenBack(LeaseID(1))) == [.stop(LeaseID(1))])
        let release = Self.question(.release, prefix: "2001:db8:0:100::/64")
        #expect(fail(.notAsked) == [.ask(release)])
    }

    @Test mutating func aReleaseIsToldThreeTimes() throws {
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

    @Test mutating func aLeaseOfAnEarlierRunIsRenewedWithinWhatIsLeft() throws {
        now = Instant(microseconds: 40_000_000)
        var lease = Self.lease(token: "t", until: 100)
        lease.identifier = "earlier-7"
        #expect(handle(.adopted(lease)).isEmpty)
        var renew = Self.question(.renew, prefix: "2001:db8:0:100::/64", token: "t")
        renew.identifier = "earlier-7"
        #expect(try reachDeadline() == [.ask(renew)])
        #expect(seconds == 70)
    }

    @Test mutating func aLeaseWhoseTimeIsOverIsWithdrawn() throws {
        now = Instant(microseconds: 140_000_000)
        _ = handle(.adopted(Self.lease(until: 100)))
        let due = try #require(ledger.nextDeadline)
        #expect(due <= now)
        #expect(handle(.deadlineReached).count == 2)
        #expect(ledger.standings.isEmpty)
    }

    // MARK: Limits

    @Test mutating func moreQuestionsThanTheProgramKeepsUpWith() {
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

    @Test mutating func morePrefixesThanOneSourceMayGive() {
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
