import CLibc
import Posix
import Testing

private nonisolated let isRoot = geteuid() == 0

@Suite("Programs that are started")
struct SubprocessTests {
    /// What a program wrote, and how it ended.
    private struct Finished {
        var output: [String]
        var errors: [String]
        var ending: Subprocess.Ending
    }

    private static func shell(_ script: String) -> [String] { ["/bin/sh", "-c", script] }

    /// Waits for a program's end, ten seconds at most.
    private static func finish(_ program: consuming Subprocess) throws -> Finished {
        var program = program
        precondition(isReadable(program.end), "it does not end")
        let ending = program.takeEnding()
        return Finished(
            output: try lines(program.output), errors: try lines(program.errors), ending: ending ?? .unknown)
    }

    /// Waits ten seconds at most.
    private static func isReadable(_ descriptor: borrowing Descriptor) -> Bool {
        var wanted = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&wanted, 1, 10_000) == 1
    }

    private static func lines(_ descriptor: borrowing Descriptor) throws -> [String] {
        var octets: [UInt8] = []
        while case .octets = try descriptor.read(into: &octets, limit: 65536) {}
        return String(decoding: octets, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static func run(
        _ command: [String], as identity: ProcessIdentity? = nil, input: [UInt8] = []
    ) throws -> Finished {
        try finish(Subprocess.start(command, as: identity, input: input))
    }

    /// A handle stands for one process, whoever has its number later.
    @Test func aHandleTellsThatItHasEnded() throws {
        let program = try Subprocess.start(Self.shell("sleep 60"), as: nil, input: [])
        let handle = try ProcessHandle(of: program.process)
        let isThere = handle.isThere
        #expect(isThere)
        program.kill()
        _ = try Self.finish(program)
        let isStillThere = handle.isThere
        #expect(!isStillThere)
    }

    @Test func itReadsItsInputAndWritesToBothOutputs() throws {
        let done = try Self.run(
            Self.shell("cat; echo \"$0 $1\" >&2; exit 7") + ["a b", "c"], input: Array("one\ntwo\n".utf8))
        #expect(done.output == ["one", "two"])
        #expect(done.errors == ["a b c"])
        #expect(done.ending == .exited(status: 7))
    }

    @Test func inputThatIsNotReadHurtsNobody() throws {
        let input = [UInt8](repeating: 0x78, count: Subprocess.inputLimit)
        #expect(try Self.run(Self.shell("exec <&-; exit 0"), input: input).ending == .exited(status: 0))
        #expect(try Self.run(Self.shell("wc -c"), input: input).output == ["4096"])
    }

    @Test func itsEndIsKnownWhenItIsThere() throws {
        var program = try Subprocess.start(Self.shell("sleep 100"), as: nil, input: [])
        let early = program.takeEnding()
        #expect(early == nil)
        program.terminate()
        #expect(try Self.finish(program).ending == .killed(signal: SIGTERM))
    }

    private static let unstartable: [(path: String, errno: Int32)] = [
        ("/nonexistent/helper", ENOENT), ("/etc/passwd", EACCES), ("/", EACCES),
        ("/etc/passwd/helper", ENOTDIR),
    ]

    @Test(arguments: unstartable.indices) func whatIsNoProgramSaysSo(index: Int) throws {
        let (path, errno) = Self.unstartable[index]
        #expect(
            try Self.run([path]).ending == .notStarted(SystemError("execute \(path)", errno: errno)))
    }

    @Test func aScriptWithoutInterpreterSaysSo() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/script"
        // Not by this process: a program that another test is just starting would have it open for writing too.
        try #require(unsafe system("echo no interpreter > \(path) && chmod +x \(path)") == 0)
        #expect(try Self.run([path]).ending == .notStarted(SystemError("execute \(path)", errno: ENOEXEC)))
    }

    // MARK: What it has of ours

    /// Lines of /proc/self/status by their names.
    private static func status(as identity: ProcessIdentity?) throws -> [String: String] {
        let lines = try run(["/bin/cat", "/proc/self/status"], as: identity).output
        return Dictionary(
            uniqueKeysWithValues: lines.map { line in
                let parts = line.split(separator: ":", maxSplits: 1)
                return (
                    String(parts[0]), parts[1].split(whereSeparator: \.isWhitespace).joined(separator: " ")
                )
            })
    }

    @Test(.enabled(if: isRoot, "only root can become somebody else"))
    func itIsNobody() throws {
        let status = try Self.status(as: .nobody)
        #expect(status["Uid"] == "65534 65534 65534 65534")
        #expect(status["Gid"] == "65534 65534 65534 65534")
        #expect(status["Groups"] == "")
    }

    @Test(arguments: [nil, ProcessIdentity(user: 0, group: 0), .nobody])
    func itHasNoPrivileges(identity: ProcessIdentity?) throws {
        if identity != nil, !isRoot { return }
        let status = try Self.status(as: identity)
        for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] { #expect(status[set] == "0000000000000000") }
        #expect(status["NoNewPrivs"] == "1")
    }

    @Test(.enabled(if: !isRoot, "root can become anybody"))
    func whoMayNotBecomeSomebodyElseSaysSo() throws {
        let ending = try Self.run(["/bin/true"], as: .nobody).ending
        #expect(ending == .notStarted(SystemError("run /bin/true as user 65534", errno: EPERM)))
    }

    @Test func signalsAreAtTheirDefaults() throws {
        let status = try inOwnThread {
            // SIG_IGN and SIG_DFL, which Swift does not import.
            unsafe signal(SIGUSR2, unsafeBitCast(1, to: __sighandler_t?.self))
            defer { signal(SIGUSR2, nil) }
            var blocked = sigset_t()
            unsafe sigfillset(&blocked)
            unsafe pthread_sigmask(SIG_SETMASK, &blocked, nil)
            return try Self.status(as: nil)
        }
        // Signals 32 and 33 are the C library's own, which it changes for nobody.
        let changeable: UInt64 = ~(3 << 31)
        for set in ["SigBlk", "SigIgn", "SigCgt"] {
            let signals = try #require(UInt64(status[set] ?? "", radix: 16))
            #expect(signals & changeable == 0, "\(set)")
        }
    }

    @Test func itHasThreeDescriptorsWhateverWeHave() throws {
        let names = try inOwnThread {
            precondition(unshare(CLONE_FILES) == 0)
            // One that whoever opened it forgot to mark.
            precondition(dup(2) > 2)
            return try Self.run(["/bin/ls", "/proc/self/fd"]).output
        }
        // The last is the directory itself.
        #expect(names == ["0", "1", "2", "3"])
    }

    @Test func itStartsWhereWeHaveNoStandardDescriptors() throws {
        let done = try inOwnThread {
            precondition(unshare(CLONE_FILES) == 0)
            for number: Int32 in 0...2 { close(number) }
            return try Self.run(Self.shell("cat; echo error >&2"), input: Array("input\n".utf8))
        }
        #expect(done.output == ["input"])
        #expect(done.errors == ["error"])
        #expect(done.ending == .exited(status: 0))
    }

    @Test func itsSurroundingsAreAlwaysTheSame() throws {
        let done = try Self.run(
            Self.shell("pwd; umask; ulimit -Sn; /usr/bin/env | sort; ps -o sid= -p $$; echo $$"))
        let expected = [
            "/", "0022", "1024", "LANG=C.UTF-8",
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "PWD=/",
        ]
        #expect(Array(done.output.prefix(6)) == expected)
        let last = done.output.suffix(2).map { $0.filter { $0 != " " } }
        #expect(last.first == last.last, "it leads a session of its own")
    }

    // MARK: What it leaves

    @Test func whatItLeftRunningIsKilled() throws {
        let done = try Self.run(Self.shell("sleep 100 & echo $!"))
        let left = try #require(Int32(done.output[0]))
        #expect(eventually { kill(left, 0) == -1 })
    }

    @Test func whatDoesNotEndByItselfGoesWithItsOwner() throws {
        let processes = try inOwnThread {
            let program = try Subprocess.start(
                Self.shell("trap '' TERM; sleep 100 & echo $!; wait"), as: nil, input: [])
            precondition(Self.isReadable(program.output))
            return [program.process, try Int32(Self.lines(program.output)[0])!]
        }
        for process in processes { #expect(eventually { kill(process, 0) == -1 }) }
    }

    @Test func itIsToldWhenItsParentDies() throws {
        let directory = try TemporaryDirectory()
        let mark = "\(directory.path)/told"
        try inOwnThread {
            let program = try Subprocess.start(
                Self.shell("trap 'echo > \(mark); exit' TERM; echo ready; sleep 100 & wait"), as: nil,
                input: [])
            precondition(Self.isReadable(program.output))
            // This thread is its parent: as it would if we died, nobody ends the program.
            unsafe orphans.keep(program)
        }
        #expect(eventually { unsafe access(mark, F_OK) == 0 })
        unsafe orphans.end()
    }
}

/// Keeps what would be ended if it went.
private nonisolated(unsafe) let orphans = Orphans()

private final class Orphans {
    private var program: Subprocess?

    func keep(_ program: consuming Subprocess) { self.program = consume program }

    func end() { program = nil }
}

/// True as soon as `condition` is, false after two seconds.
private func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<400 {
        if condition() { return true }
        usleep(5_000)
    }
    return false
}
