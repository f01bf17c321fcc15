import CLibc
import Mobility
import Posix
import Testing

@testable import Daemon

/// Programs that do as they should not.
@Suite("Faults of helpers")
struct HelperFaultTests {
    private static let answer = #"echo '{"version":1,"prefix":"2001:db8:0:100::/64"}'"#
    private static let lease = LeasedPrefix(
        id: LeaseID(1), source: "modem", type: .sessionLasting, prefix: "2001:db8:0:100::/64")

    private static var impatient: HelperLimits {
        var limits = HelperLimits()
        limits.timeout = .milliseconds(200)
        limits.timeToEnd = .milliseconds(100)
        limits.timeBetweenReleases = .milliseconds(50)
        return limits
    }

    /// What a script does when it is asked, and how that is explained.
    private static let refusals: [(script: String, explanation: String)] = [
        ("exit 69", "the helper has no prefix of the type"),
        ("exit 75", "the helper has no prefix for now"),
        (#"echo '{"version":1,"error":"no SIM card"}'"#, "the helper says: no SIM card"),
        (#"echo '{"version":1,"error":"no SIM card"}'; exit 75"#, "the helper says: no SIM card"),
        ("exit 1", "the helper failed with exit status 1"),
        ("\(answer); exit 1", "the helper failed with exit status 1"),
        ("kill -SEGV $$", "the helper was killed by SIGSEGV"),
        ("exit 0", "the helper's answer is empty"),
        ("exec >&-; sleep 0.1", "the helper's answer is empty"),
        ("exec <&- >&- 2>&-; sleep 0.1", "the helper's answer is empty"),
        ("echo Hello", "the helper's answer is no JSON object"),
        (#"printf '\377\376'"#, "the helper's answer is no JSON object"),
        (#"printf '{"version":1,\000"error":""}'"#, "the helper's answer is no JSON object"),
        ("\(answer); \(answer)", "the helper's answer has more than one line"),
        (#"echo '{"version":2}'"#, "the helper's answer is not of version 1"),
        (
            #"echo '{"version":1,"prefix":"fe80::/64"}'"#,
            "the helper's answer has a prefix that cannot be given to sockets: fe80::/64"
        ),
        (
            #"echo '{"version":1,"prefix":"2001:db8::/64","valid_seconds":-1}'"#,
            "the helper's answer has a value that valid_seconds cannot have"
        ),
        ("head -c 4097 /dev/zero", "the helper was ended because it wrote more than 4096 octets"),
        ("exec cat /dev/zero", "the helper was ended because it wrote more than 4096 octets"),
        ("exec cat /dev/zero >&2", "the helper was ended because it wrote more than 65536 octets"),
        ("yes >&2", "the helper was ended because it wrote more than 65536 octets"),
    ]

    @Test(arguments: refusals.indices) func aFaultHasAnExplanation(index: Int) throws {
        let (script, explanation) = Self.refusals[index]
        let fixture = try HelperFixture(script)
        fixture.ask()
        #expect(
            try fixture.nextOutcome() == .refused(LeaseID(1), .networkRefused, explanation: explanation))
    }

    @Test(arguments: [
        ("/nonexistent", "execute /nonexistent: No such file or directory"),
        ("/etc/passwd", "execute /etc/passwd: Permission denied"),
        ("/", "execute /: Permission denied"),
    ])
    func whatCannotBeStarted(path: String, reason: String) throws {
        let fixture = try HelperFixture { _ in [path] }
        fixture.ask()
        let explanation = "the helper cannot be started: \(reason)"
        #expect(
            try fixture.nextOutcome() == .refused(LeaseID(1), .networkRefused, explanation: explanation))
    }

    // MARK: Time

    @Test(arguments: ["exec sleep 100", "trap '' TERM; sleep 100 & wait; sleep 100", "kill -STOP $$"])
    func whatNeverEndsIsEnded(script: String) throws {
        let fixture = try HelperFixture("echo $$ >> $0/processes; \(script)", limits: Self.impatient)
        fixture.ask()
        let explanation = "the helper did not answer in time"
        #expect(try fixture.nextOutcome() == .refused(LeaseID(1), .timedOut, explanation: explanation))
        // Then it is told three times to undo what it did, with no better success.
        let warning = "the helper did not answer in time; not tried again"
        #expect(try fixture.run { fixture.log.last?.contains(warning) == true })
        let processes = fixture.lines("processes")
        #expect(processes.count == 4)
        #expect(processes.allSatisfy { !isRunning($0) })
        #expect(fixture.outcomes.isEmpty)
    }

    @Test func whatComesTooLateIsGivenBack() throws {
        var limits = HelperLimits()
        // Time enough to set the trap, on a busy machine too.
        limits.timeout = .seconds(1)
        let fixture = try HelperFixture(
            "late() { \(Self.answer); exit 0; }; trap late TERM; cat >> $0/questions; "
                + "grep -q release $0/questions && exit; while :; do sleep 0.1; done", limits: limits)
        fixture.ask()
        let explanation = "the helper did not answer in time"
        #expect(try fixture.nextOutcome() == .refused(LeaseID(1), .timedOut, explanation: explanation))
        #expect(try fixture.run(until: "questions", has: 2))
        let release = fixture.lines("questions")[1]
        #expect(release.contains(#""operation":"release","prefix":"2001:db8:0:100::/64""#))
        #expect(fixture.outcomes.isEmpty && fixture.leases.isEmpty)
    }

    @Test func whoeverIsCancelledIsEndedAndUndone() throws {
        let fixture = try HelperFixture(
            "echo $$ >> $0/processes; cat >> $0/questions; grep -q release $0/questions || exec sleep 100")
        fixture.ask()
        #expect(try fixture.run(until: "questions", has: 1))
        fixture.cancel()
        #expect(try fixture.run(until: "questions", has: 2))
        #expect(fixture.lines("questions")[1].contains(#""operation":"release""#))
        #expect(!fixture.lines("questions")[1].contains("prefix"))
        #expect(!isRunning(fixture.lines("processes")[0]))
        #expect(fixture.outcomes.isEmpty)
    }

    @Test func programsEndWithTheirSource() throws {
        let fixture = try HelperFixture("echo $$ >> $0/processes; exec sleep 100")
        fixture.ask()
        #expect(try fixture.run(until: "processes", has: 1))
        fixture.close()
        #expect(try fixture.run { !isRunning(fixture.lines("processes")[0]) })
        #expect(fixture.outcomes.isEmpty)
    }

    // MARK: Children

    @Test func aChildThatKeepsThePipesIsNotWaitedFor() throws {
        let fixture = try HelperFixture("sleep 100 & echo $! >> $0/processes; \(Self.answer)")
        fixture.ask()
        #expect(try fixture.nextOutcome() == .granted(Self.lease))
        #expect(try fixture.run { !isRunning(fixture.lines("processes")[0]) }, "it is of the same group")
    }

    @Test func aChildWithASessionOfItsOwnIsNotWaitedForEither() throws {
        let fixture = try HelperFixture(
            "setsid sh -c 'echo $$ >> $0/processes; exec sleep 100' $0 & while ! [ -s $0/processes ]; do :; done; "
                + Self.answer)
        fixture.ask()
        #expect(try fixture.nextOutcome() == .granted(Self.lease))
        let child = fixture.lines("processes")[0]
        #expect(isRunning(child))
        kill(try #require(Int32(child)), SIGKILL)
    }

    @Test func aQuestionThatIsNotReadHurtsNobody() throws {
        let fixture = try HelperFixture("exec <&-; \(Self.answer)")
        fixture.ask()
        #expect(try fixture.nextOutcome() == .granted(Self.lease))
    }

    // MARK: Nothing is left behind

    @Test func neitherDescriptorsNorProcessesAreLeft() throws {
        let (before, after, children) = try inOwnThread {
            precondition(unshare(CLONE_FILES) == 0)
            let before = try Self.openDescriptors()
            for script in [
                "exit 69", "exit 1", Self.answer, "exec sleep 100", "cat /dev/zero", "sleep 100 &",
            ] {
                let fixture = try HelperFixture(script, limits: Self.impatient)
                for number in 1...3 { fixture.ask(UInt64(number)) }
                try fixture.run { fixture.outcomes.count == 3 }
                fixture.close()
                try fixture.run { try childrenOfThread().isEmpty }
            }
            return (before, try Self.openDescriptors(), try childrenOfThread())
        }
        #expect(before == after)
        #expect(children == "")
    }

    private static func openDescriptors() throws -> Int {
        try File.names(in: "/proc/thread-self/fd", endingIn: "").count
    }
}
