import EventLoop
import Mobility
import Posix

/// Questions to one helper program: some are put at a time, the others wait for their turn.
final class HelperQueue {
    private let command: [String]
    private let identity: ProcessIdentity?
    private let loop: EventLoop
    private let limits: HelperLimits
    private var waiting: [HelperQuestion] = []
    private var running: [LeaseID: HelperRun] = [:]
    private var report: ((LeaseID, HelperRun.Progress) -> Void)?
    private var log: ((String) -> Void)?

    init(_ command: [String], as identity: ProcessIdentity?, on loop: EventLoop, _ limits: HelperLimits) {
        self.command = command
        self.identity = identity
        self.loop = loop
        self.limits = limits
    }

    /// What to do when a question's time is over and when it has ended, which may be within `ask` and `stop`.
    func onProgress(_ body: @escaping (LeaseID, HelperRun.Progress) -> Void) { report = body }

    /// What to do with a line that a program writes to standard error.
    func onMessage(_ body: @escaping (String) -> Void) { log = body }

    /// Of a lease there is one question at a time.
    func ask(_ question: HelperQuestion) {
        switch question.operation {
        // Who renews has something to lose.
        case .renew: waiting.insert(question, at: 0)
        case .acquire, .release: waiting.append(question)
        }
        startNext()
    }

    /// Ends the program that is asked about a lease, or does not start it.
    func stop(_ id: LeaseID) {
        if let place = waiting.firstIndex(where: { $0.id == id }) {
            waiting.remove(at: place)
            report?(id, .ended(.notAsked))
        } else {
            running[id]?.stop()
        }
    }

    private func startNext() {
        while running.count < limits.programs, !waiting.isEmpty { start(waiting.removeFirst()) }
    }

    private func start(_ question: HelperQuestion) {
        do {
            running[question.id] = try HelperRun(
                question, command, as: identity, on: loop, limits,
                report: { [unowned self] in take($0, of: question.id) },
                log: { [unowned self] in log?($0) })
        } catch {
            report?(question.id, .ended(.notStarted("\(error)")))
        }
    }

    private func take(_ progress: HelperRun.Progress, of id: LeaseID) {
        if case .ended = progress { running[id] = nil }
        report?(id, progress)
        startNext()
    }

    /// Programs that run are asked to end, and killed if they do not; nothing is reported of them.
    deinit { for run in running.values { run.abandon() } }
}
