import Mobility

/// The prefixes of one helper source, from the question to the end, and what to ask the program about them.
///
/// Decides only: it is told what happened and when, and says what to do. Of one prefix one thing is asked at a time.
struct HelperLedger {
    enum Event {
        case wanted(PrefixRequest)
        /// Nobody waits any more.
        case cancelled(LeaseID)
        case givenBack(LeaseID)
        /// An earlier run had it.
        case adopted(HelperLease)
        /// The time of the program that is asked is over; it is being ended.
        case overdue(LeaseID)
        case ended(LeaseID, HelperEnding)
        case deadlineReached
    }

    enum Action: Equatable {
        case ask(HelperQuestion)
        /// End the program that is asked, or do not ask it; `ended` follows.
        case stop(LeaseID)
        case tell(PrefixOutcome)
        /// Remember it for a later run, before anybody is told of it.
        case keep(HelperLease)
        case forget(LeaseID)
        case warn(String)
    }

    /// How it stands with a prefix.
    enum Standing: Equatable {
        /// Somebody waits for it.
        case acquiring(HelperQuestion)
        /// The program is still asked for it, to acquire or to renew, but nobody wants it any more.
        case unwanted(HelperQuestion)
        case held(HelperLease)
        case renewing(HelperLease)
        /// The program is told for the n-th time.
        case releasing(HelperQuestion, tries: Int)
        /// The program could not be told, n times, and will be again.
        case unreleased(HelperQuestion, tries: Int, again: Instant)
    }

    let source: String
    /// Uplink of prefixes for which nobody names another.
    let interface: InterfaceName?
    let limits: HelperLimits
    /// Not that of any other run of any daemon: makes identifiers unique.
    private let run: String
    var standings: [LeaseID: Standing] = [:]

    init(source: String, interface: InterfaceName?, run: String, limits: HelperLimits) {
        self.source = source
        self.interface = interface
        self.run = run
        self.limits = limits
    }

    mutating func handle(_ event: Event, at now: Instant, _ actions: inout [Action]) {
        switch event {
        case .wanted(let request): acquire(request, &actions)
        case .cancelled(let id), .givenBack(let id): release(id, &actions)
        case .adopted(let lease): adopt(lease, at: now)
        case .overdue(let id): giveUp(id, &actions)
        case .ended(let id, let ending): end(id, ending, at: now, &actions)
        case .deadlineReached: act(at: now, &actions)
        }
    }

    private mutating func end(
        _ id: LeaseID, _ ending: HelperEnding, at now: Instant, _ actions: inout [Action]
    ) {
        switch standings[id] {
        case .acquiring(let question):
            endAcquire(question, HelperVerdict(ending, of: .acquire), at: now, &actions)
        case .unwanted(let question):
            endUnwanted(question, HelperVerdict(ending, of: question.operation), &actions)
        case .renewing(let lease): endRenewal(lease, HelperVerdict(ending, of: .renew), at: now, &actions)
        case .releasing(let question, let tries):
            endRelease(question, tries, HelperVerdict(ending, of: .release), at: now, &actions)
        case .held, .unreleased, nil: preconditionFailure("a program ended that was not asked")
        }
    }

    // MARK: Time

    /// When `deadlineReached` is next due.
    var nextDeadline: Instant? { standings.values.compactMap(\.due).min() }

    private mutating func act(at now: Instant, _ actions: inout [Action]) {
        let due = standings.filter { ($0.value.due ?? .never) <= now }.keys.sorted()
        for id in due {
            switch standings[id] {
            case .held(let lease): renewOrExpire(lease, at: now, &actions)
            case .renewing(let lease): expire(lease, &actions)
            case .unreleased(let question, let tries, _): tellRelease(question, tries: tries + 1, &actions)
            case .acquiring, .unwanted, .releasing, nil: break
            }
        }
    }

    func newIdentifier(_ id: LeaseID) -> String { "\(run)-\(id.number)" }
}

extension HelperLedger.Standing {
    /// When something must be done about it; nil while the program is waited for.
    fileprivate var due: Instant? {
        switch self {
        case .acquiring, .unwanted, .releasing: nil
        case .held(let lease): [lease.renewAt, lease.validUntil].compactMap { $0 }.min()
        case .renewing(let lease): lease.validUntil
        case .unreleased(_, _, let again): again
        }
    }
}

extension Instant {
    fileprivate static let never = Instant(microseconds: .max)
}
