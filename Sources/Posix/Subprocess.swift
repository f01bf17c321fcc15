import CLibc

/// A program that was started, in a session and process group of its own, without privileges of ours and with
/// nothing of ours but three pipes (CLibc's `odm_start_program` has the particulars).
///
/// It is gone, with what it started in its process group, when this value is.
public struct Subprocess: ~Copyable {
    /// How a program ended.
    public enum Ending: Equatable, Sendable {
        case exited(status: Int32)
        case killed(signal: Int32)
        /// It never ran.
        case notStarted(SystemError)
        /// Somebody else took its status: this process ignores SIGCHLD.
        case unknown
    }

    /// Most octets of input.
    public static let inputLimit = PipeEnds.room
    /// The whole environment of a program.
    private static let environment = [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
    ]

    /// Number of the process, its session and its process group.
    public let process: Int32
    /// A pidfd: readable when the program has ended.
    public let end: Descriptor
    /// What it writes to standard output; does not block.
    public let output: Descriptor
    /// What it writes to standard error; does not block.
    public let errors: Descriptor

    private let report: Descriptor
    private let path: String
    private let identity: ProcessIdentity?
    private var hasEnded = false

    private init(
        process: Int32, end: consuming Descriptor, output: consuming Descriptor, errors: consuming Descriptor,
        report: consuming Descriptor, path: String, identity: ProcessIdentity?
    ) {
        self.process = process
        self.end = end
        self.output = output
        self.errors = errors
        self.report = report
        self.path = path
        self.identity = identity
    }

    /// Starts a program that finds `input` on its standard input, and after it the end.
    ///
    /// This does not wait until the program runs. That it cannot be executed is in its ending.
    ///
    /// - Parameters:
    ///   - command: the path of the program, which is also its argument 0, and its other arguments.
    ///   - identity: what it runs as; nil for what we run as.
    /// - Precondition: `command` is not empty, `input` not more than `inputLimit` octets.
    /// - Throws: EMFILE, EAGAIN, ENOMEM: there is no room for it.
    public static func start(
        _ command: [String], as identity: ProcessIdentity?, input: [UInt8]
    ) throws(SystemError) -> Subprocess {
        let question = try PipeEnds.make(readingWaits: true)
        try question.fill(with: input)
        let output = try PipeEnds.make(readingWaits: false)
        let errors = try PipeEnds.make(readingWaits: false)
        let report = try PipeEnds.make(readingWaits: false)
        var start = unsafe odm_start()
        unsafe start.input = question.reading.number
        unsafe start.output = output.writing.number
        unsafe start.errors = errors.writing.number
        unsafe start.report = report.writing.number
        unsafe start.becomes = identity == nil ? 0 : 1
        unsafe start.user = identity?.user ?? 0
        unsafe start.group = identity?.group ?? 0
        let (process, end) = unsafe try fork(start, command)
        return Subprocess(
            process: process, end: Descriptor(adopting: end), output: output.takeReading(),
            errors: errors.takeReading(), report: report.takeReading(), path: command[0], identity: identity)
    }

    private static func fork(
        _ start: odm_start, _ command: [String]
    ) throws(SystemError) -> (process: Int32, end: Int32) {
        var start = unsafe start
        var end: Int32 = -1
        let outcome = unsafe withCStrings(command) { arguments in
            unsafe withCStrings(environment) { environment in
                unsafe start.path = UnsafePointer(arguments[0])
                unsafe start.arguments = UnsafePointer(arguments)
                unsafe start.environment = UnsafePointer(environment)
                return retrying { unsafe odm_start_program(start, &end) }
            }
        }
        guard outcome.errno == 0 else { throw SystemError("start \(command[0])", errno: outcome.errno) }
        return (outcome.result, end)
    }

    // MARK: The end

    /// Asks the program to end, and what it started in its process group (SIGTERM).
    public func terminate() { signal(SIGTERM) }

    /// Ends the program and what it started in its process group (SIGKILL).
    public func kill() { signal(SIGKILL) }

    private func signal(_ number: Int32) {
        guard !hasEnded else { return }
        // At its very beginning it has no group of its own yet.
        if CLibc.kill(-process, number) == -1 { pidfd_send_signal(end.number, number, nil, 0) }
    }

    /// How the program ended; nil while it runs. What it left running in its process group is killed.
    public mutating func takeEnding() -> Ending? {
        precondition(!hasEnded, "a program ends once")
        // Not taken away yet: as long as it is there, its number is not another group's.
        guard let status = wait(WNOHANG | WNOWAIT) else { return nil }
        if status != .unknown { kill() }
        hasEnded = true
        _ = wait(0)
        return failureToStart().map(Ending.notStarted) ?? status
    }

    private func wait(_ flags: Int32) -> Ending? {
        var information = unsafe siginfo_t()
        let (number, options) = (id_t(end.number), WEXITED | flags)
        let outcome = retrying { unsafe waitid(P_PIDFD, number, &information, options) }
        guard outcome.errno == 0 else { return .unknown }
        let child = unsafe information._sifields._sigchld
        if child.si_pid == 0 { return nil }
        let isExit = unsafe information.si_code == CLD_EXITED
        return isExit ? .exited(status: child.si_status) : .killed(signal: child.si_status)
    }

    /// What the child reported if it did not become the program.
    private func failureToStart() -> SystemError? {
        var failure = odm_start_failure()
        let number = report.number
        let outcome = unsafe withUnsafeMutableBytes(of: &failure) { bytes in
            retrying { unsafe read(number, bytes.baseAddress, bytes.count) }
        }
        guard outcome.result == MemoryLayout<odm_start_failure>.size else { return nil }
        let what =
            switch odm_start_step(UInt32(failure.step)) {
            case ODM_START_EXECUTE: "execute \(path)"
            case ODM_START_BECOME: "run \(path) as user \(identity?.user ?? geteuid())"
            default: "prepare \(path)"
            }
        return SystemError(what, errno: failure.error)
    }

    deinit {
        if !hasEnded {
            CLibc.kill(-process, SIGKILL)
            pidfd_send_signal(end.number, SIGKILL, nil, 0)
            waitid(P_PIDFD, id_t(end.number), nil, WEXITED)
        }
    }
}
