import EventLoop
import Mobility
import Posix

/// One run of a helper program: a question, what it writes, and its end.
///
/// It lives until the program has ended, whoever holds it.
final class HelperRun {
    enum Progress {
        /// Its time is over; it is being ended.
        case overdue
        case ended(HelperEnding)
    }

    /// Octets that are read before others get their turn.
    private static let readSize = 4096

    private let loop: EventLoop
    private let limits: HelperLimits
    private var program: Subprocess
    private var answer: [UInt8] = []
    private var messages: HelperMessages
    private var answerSource: IOSource?
    private var messagesSource: IOSource?
    private var endSource: IOSource?
    private var timer: Timer?
    /// The program was asked to end.
    private var isEnding = false
    private var isOverdue = false
    /// What it wrote too much of, in octets.
    private var exceeded: Int?
    private var report: ((Progress) -> Void)?
    private var log: ((String) -> Void)?

    /// Starts the program and puts the question.
    ///
    /// - Parameters:
    ///   - report: called when its time is over, and when it has ended; not within this call.
    ///   - log: takes a line of what it writes to standard error.
    /// - Throws: `SystemError` if there is no room for a program, `EventLoopError` from the loop.
    init(
        _ question: HelperQuestion, _ command: [String], as identity: ProcessIdentity?, on loop: EventLoop,
        _ limits: HelperLimits, report: @escaping (Progress) -> Void, log: @escaping (String) -> Void
    ) throws {
        self.loop = loop
        self.limits = limits
        self.report = report
        self.log = log
        messages = HelperMessages(limit: limits.lines)
        program = try Subprocess.start(command, as: identity, input: question.line)
        answerSource = try loop.watch(program.output.number, for: .input) { [unowned self] _ in
            if readAnswer() == .end { answerSource = nil }
        }
        messagesSource = try loop.watch(program.errors.number, for: .input) { [unowned self] _ in
            if readMessages() == .end { messagesSource = nil }
        }
        timer = try loop.timer { [unowned self] in timeIsOver() }
        timer?.arm(at: (now + question.timeout).microseconds)
        // Holds on to this run.
        endSource = try loop.watch(program.end.number, for: .input) { [self] _ in end() }
    }

    private var now: Instant { Instant(microseconds: loop.now) }

    /// Asks the program to end, and kills it if it does not.
    func stop() {
        guard !isEnding else { return }
        isEnding = true
        program.terminate()
        timer?.arm(at: (now + limits.timeToEnd).microseconds)
    }

    /// Ends the program and reports nothing any more.
    func abandon() {
        report = nil
        log = nil
        stop()
    }

    private func timeIsOver() {
        if isEnding { return program.kill() }
        isOverdue = true
        stop()
        report?(.overdue)
    }

    // MARK: What it writes

    /// - Returns: `end` also if more is of no interest.
    private func readAnswer() -> Descriptor.ReadOutcome {
        let room = limits.answer + 1 - answer.count
        guard room > 0, let outcome = try? program.output.read(into: &answer, limit: room) else {
            return .end
        }
        if answer.count > limits.answer { exceed(limits.answer) }
        return outcome
    }

    /// - Returns: `end` also if more is of no interest.
    private func readMessages() -> Descriptor.ReadOutcome {
        var octets: [UInt8] = []
        guard messages.octets <= limits.messages,
            let outcome = try? program.errors.read(into: &octets, limit: Self.readSize)
        else { return .end }
        for line in messages.take(octets) { log?(line) }
        if messages.octets > limits.messages { exceed(limits.messages) }
        return outcome
    }

    private func exceed(_ limit: Int) {
        exceeded = limit
        stop()
    }

    // MARK: The end

    private func end() {
        guard let ending = program.takeEnding() else { return }
        // What it wrote last may be unread. If something else holds the pipes, it is not waited for.
        while case .octets = readAnswer() {}
        while case .octets = readMessages() {}
        for line in messages.end() { log?(line) }
        dropSources()
        report?(.ended(meaning(of: ending)))
        report = nil
    }

    private func meaning(of ending: Subprocess.Ending) -> HelperEnding {
        if let exceeded { return .tooTalkative(limit: exceeded) }
        switch ending {
        case .exited(let status): return .exited(status: status, answer: answer)
        case .killed(let signal): return isOverdue ? .overdue : .killed(signal: signal)
        case .notStarted(let error): return .notStarted("\(error)")
        case .unknown: return .unknown
        }
    }

    private func dropSources() {
        (answerSource, messagesSource, endSource, timer) = (nil, nil, nil, nil)
    }

    /// The loop lets go of the descriptors before they are closed.
    deinit { dropSources() }
}
