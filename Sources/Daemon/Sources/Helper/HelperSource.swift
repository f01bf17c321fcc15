import EventLoop
import Mobility
import Posix

/// A program that is asked for prefixes (`Kind=helper`): for modems, VPN anchors, anything that odmd does not know.
///
/// docs/helper.md says what is said to the program. When this goes, programs that run are ended.
final class HelperSource: PrefixSource {
    let command: [String]
    let defaultInterface: InterfaceName?
    private let name: String
    private let loop: EventLoop
    private let log: Log
    private let tell: (PrefixOutcome) -> Void
    private let queue: HelperQueue
    private var ledger: HelperLedger
    private var rate: HelperMessageRate
    /// Decided and not yet performed.
    private var actions: [HelperLedger.Action] = []
    private var isPerforming = false
    /// Outcomes are told when nobody is in a call.
    private var untold: [PrefixOutcome] = []
    private var telling: Timer?
    private var deadline: Timer?
    private var leaseChanged: ((LeaseID, HelperLease?) -> Void)?

    /// What a program runs as for whom nobody is named: nobody, if we may choose.
    static var leastIdentity: ProcessIdentity? { ProcessIdentity.mayBeChosen ? .nobody : nil }

    /// - Parameters:
    ///   - command: the program's absolute path, then its arguments.
    ///   - defaultInterface: the uplink where neither the request nor the program names one.
    ///   - identity: what the program runs as; nil for what the daemon runs as.
    /// - Throws: `EventLoopError` from the loop, `SystemError` if there are no random numbers.
    init(
        name: String, command: [String], defaultInterface: InterfaceName?,
        identity: ProcessIdentity? = HelperSource.leastIdentity, loop: EventLoop, log: Log,
        limits: HelperLimits = HelperLimits(), tell: @escaping (PrefixOutcome) -> Void
    ) throws {
        self.name = name
        self.command = command
        self.defaultInterface = defaultInterface
        self.loop = loop
        self.log = log
        self.tell = tell
        queue = HelperQueue(command, as: identity, on: loop, limits)
        rate = HelperMessageRate(limit: limits.linesAMinute)
        ledger = HelperLedger(
            source: name, interface: defaultInterface, run: try Self.newRun(), limits: limits)
        telling = try loop.timer { [unowned self] in tellOutcomes() }
        deadline = try loop.timer { [unowned self] in handle(.deadlineReached) }
        queue.onProgress { [unowned self] in handle($1.event(of: $0)) }
        queue.onMessage { [unowned self] in logMessage($0) }
    }

    private static func newRun() throws -> String {
        try Process.randomOctets(8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// Where leases are kept: called with each that is new or changed, before it is told of, and with nil when it
    /// need not be kept any longer.
    func onLeaseChange(_ body: @escaping (LeaseID, HelperLease?) -> Void) { leaseChanged = body }

    /// Goes on with a lease that an earlier run kept.
    func adopt(_ lease: HelperLease) { handle(.adopted(lease)) }

    var isIdle: Bool { ledger.standings.isEmpty && untold.isEmpty }

    func ask(_ request: PrefixRequest) { handle(.wanted(request)) }

    func cancel(_ id: LeaseID) {
        untold.removeAll { $0.id == id }
        handle(.cancelled(id))
    }

    func giveBack(_ id: LeaseID) {
        untold.removeAll { $0.id == id }
        handle(.givenBack(id))
    }

    // MARK: Performing

    private var now: Instant { Instant(microseconds: loop.now) }

    private func handle(_ event: HelperLedger.Event) {
        ledger.handle(event, at: now, &actions)
        guard !isPerforming else { return }
        isPerforming = true
        while !actions.isEmpty { perform(actions.removeFirst()) }
        isPerforming = false
        armTimers()
    }

    private func perform(_ action: HelperLedger.Action) {
        switch action {
        case .ask(let question): queue.ask(question)
        case .stop(let id): queue.stop(id)
        case .tell(let outcome): untold.append(outcome)
        case .keep(let lease): leaseChanged?(lease.lease.id, lease)
        case .forget(let id): leaseChanged?(id, nil)
        case .warn(let text): log.warning("\(name): \(text)")
        }
    }

    private func armTimers() {
        if !untold.isEmpty { telling?.arm(at: loop.now) }
        if let next = ledger.nextDeadline { deadline?.arm(at: next.microseconds) } else { deadline?.disarm() }
    }

    private func tellOutcomes() {
        while !untold.isEmpty { tell(untold.removeFirst()) }
    }

    private func logMessage(_ line: String) {
        switch rate.ask(at: now) {
        case .granted: log.info("\(name): helper: \(line)")
        case .ended: log.warning("\(name): the helper says too much; for a minute it is not logged")
        case .denied: break
        }
    }
}

extension HelperRun.Progress {
    fileprivate func event(of id: LeaseID) -> HelperLedger.Event {
        switch self {
        case .overdue: .overdue(id)
        case .ended(let ending): .ended(id, ending)
        }
    }
}
