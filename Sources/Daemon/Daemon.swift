import EventLoop
import Kernel
import Mobility
import Posix

/// The running daemon: tells the rules what happens, and performs what they decide.
///
/// One thread, one loop. Everything that happens arrives as a call from the loop and ends up in `tell`.
public final class Daemon {
    let loop: EventLoop
    let log: Log
    let statistics = Statistics()
    private(set) var rules: Rules
    /// Of the configuration: what is to be found out about a process that asks for a type.
    private(set) var claims: PerType<Policy.Claims>
    /// Of the configuration: whether it matters what a socket has carried that dies.
    private(set) var countsTraffic: Bool
    let hooks: HookWatch
    private let journal: RequestJournal
    let kernel: KernelExecutor
    let network: NetworkExecutor
    let records: RecordKeeper
    let networks: NetworkRecords
    /// Decided and not yet performed.
    private var actions: [Action] = []
    /// Being performed.
    private var batch: [Action] = []
    private var isPerforming = false
    let sleep: SleepWatch
    private var deadline: Timer?
    private var armedDeadline: Instant?
    private var answerSetsc: ((RequestID, Answer) -> Void)?
    private var addressEventReceivers: [(AddressEvent) -> Void] = []
    private var initialSetReceiver: (() -> Void)?
    private var socketEndReceiver: ((SocketCookie?) -> Void)?
    private var answersToAdministrator: [RequestID: (Answer) -> Void] = [:]
    /// Not answered at once; as many as clients that wait.
    private var pending: [RequestID: PendingRequest] = [:]
    private var lastRequest: UInt64 = 0
    /// `Hooks=`.
    private(set) var usesHooks: Bool

    init(
        loop: EventLoop, log: Log, rules: Rules, records: SocketRecords, networks: NetworkRecords,
        network: NetworkExecutor, hooks: HookWatch, configuration: DaemonConfiguration,
        holders: any HolderSearch = OwnHolderSearch()
    ) throws {
        self.loop = loop
        self.log = log
        journal = RequestJournal(log: log)
        self.rules = rules
        claims = rules.configuration.policy.claims
        countsTraffic = rules.countsTraffic
        self.records = RecordKeeper(records: records, log: log)
        self.networks = networks
        self.hooks = hooks
        usesHooks = configuration.usesHooks
        self.network = network
        kernel = try KernelExecutor(
            loop: loop, log: log, eventBufferBytes: configuration.socketEventBufferBytes, holders: holders)
        sleep = try SleepWatch(loop: loop, log: log)
        deadline = try loop.timer { [unowned self] in
            armedDeadline = nil
            tell(.deadlineReached)
        }
        network.configure(configuration, for: self)
    }

    /// The moment of this wake-up.
    var now: Instant { Instant(microseconds: loop.now) }

    /// Names a request that no other has had.
    func newRequestID() -> RequestID {
        lastRequest += 1
        return RequestID(lastRequest)
    }

    /// Where answers go that could not be given at once.
    func onAnswer(_ body: @escaping (RequestID, Answer) -> Void) { answerSetsc = body }

    /// Where it is told what becomes of addresses.
    func onAddressEvent(_ body: @escaping (AddressEvent) -> Void) { addressEventReceivers.append(body) }

    /// Has `body` called when everything is there that is to be there before anybody asks: at once, or once.
    func onInitialSet(_ body: @escaping () -> Void) {
        if rules.isInitialSetThere { body() } else { initialSetReceiver = body }
    }

    /// Where it is told that a socket which keeps addresses may have ended; nil for the cookie: any of them. Nil for the
    /// body: nobody wants to know.
    func onSocketEnd(_ body: ((SocketCookie?) -> Void)?) { socketEndReceiver = body }

    /// Asks for an address.
    ///
    /// - Returns: the answer if it is there at once.
    func ask(_ request: AddressRequest) -> Answer? {
        precondition(!isPerforming, "requests come from the loop")
        if let requester = request.requester { hooks.track(requester.cookie) }
        var answer: Answer?
        let now = now
        let isMade = rules.answer(request, at: now, &actions)
        perform(awaiting: request.id, &answer)
        if let answer {
            conclude(request, answer, isMade ? .made : .hit, since: now)
        } else {
            let path: GrantPath = rules.isAwaitingPrefix(request.id) ? .network : .made
            pending[request.id] = PendingRequest(request: request, path: path, start: now)
        }
        return answer
    }

    /// Whether a socket was given an address.
    func isGiven(_ cookie: SocketCookie) -> Bool { rules.hasGrant(of: cookie) }

    /// Nobody waits for the answer to a request any more.
    func cancel(_ id: RequestID) {
        if let request = pending.removeValue(forKey: id)?.request {
            statistics.count(request.type, .cancelled)
        }
        tell(.requestCancelled(id))
    }

    /// Asks for an address that the administrator holds.
    func acquire(_ type: ContinuityType, onNet: Bool, _ body: @escaping (Answer) -> Void) {
        let request = AddressRequest(id: newRequestID(), type: type, onNet: onNet, requester: nil)
        if let answer = ask(request) { body(answer) } else { answersToAdministrator[request.id] = body }
    }

    /// Tells the rules what happened and performs what they decide, unless that is going on already: then what
    /// they decide is performed after what they decided before.
    func tell(_ event: Event) {
        rules.handle(event, at: now, &actions)
        perform()
        if socketEndReceiver != nil { tellOfSocketEnd(event) }
    }

    func reconfigure(_ configuration: DaemonConfiguration) {
        kernel.setEventBuffer(bytes: configuration.socketEventBufferBytes)
        network.configure(configuration, for: self)
        statistics.keepSources { name in configuration.mobility.sources.contains { $0.name == name } }
        rules.reconfigure(configuration.mobility, at: now, &actions)
        claims = configuration.mobility.policy.claims
        countsTraffic = rules.countsTraffic
        usesHooks = configuration.usesHooks
        perform()
        if hooks.configure(isWanted: usesHooks, for: self) {
            followSocketsAnew()
        } else {
            kernel.reviewFollowing(for: self)
        }
    }

    /// Another tells of the ends of sockets from now on: who told of them until now may have told of one that nobody has
    /// read.
    func followSocketsAnew() {
        kernel.reviewFollowing(for: self)
        tell(.socketDeathsLost)
    }

    private func perform() {
        var none: Answer?
        perform(awaiting: nil, &none)
    }

    /// Performs what was decided; the answer to one request is left to the caller.
    private func perform(awaiting request: RequestID?, _ awaited: inout Answer?) {
        if isPerforming { return }
        isPerforming = true
        // Accesses to a variable of its own need no check for exclusiveness.
        var batch: [Action] = []
        swap(&batch, &self.batch)
        while !actions.isEmpty {
            if hooks.isGiving { hooks.settle(rules) }
            // What the actions bring about is decided into the other buffer, and performed after them.
            swap(&actions, &batch)
            perform(batch, awaiting: request, &awaited)
            batch.removeAll(keepingCapacity: true)
        }
        swap(&batch, &self.batch)
        if hooks.isGiving { hooks.settle(rules) }
        isPerforming = false
        armDeadline()
        if initialSetReceiver != nil, rules.isInitialSetThere { initialSetReceiver.take()?() }
    }

    private func perform(_ batch: [Action], awaiting request: RequestID?, _ awaited: inout Answer?) {
        // A request whose record could not be kept; the rules have answered it anew.
        var withheld: RequestID?
        for action in batch {
            switch action {
            case .answer(let id, let answer):
                if id == withheld { continue }
                if id == request { awaited = answer } else { deliver(answer, to: id) }
            case .keepRecord(let number, let record, let id):
                if !keep(number, record, for: id) { withheld = id }
            case .eraseRecord(let number): records.erase(number)
            case .keepNetwork(let network): networks.keep(network)
            case .network(let action): network.perform(action, for: self)
            case .announce(let event): tellThoseWhoWatch(event)
            case .report(let report): log.warning("\(report)", report.journalFields)
            case .abortSockets:
                statistics.countAbort()
                kernel.perform(action, for: self)
            case .addAddress, .restoreAddress, .removeAddress, .removeIfOurs, .listAddresses,
                .followSocketDeaths, .stopFollowingSocketDeaths, .findSockets, .measureTraffic, .findHolders,
                .addRouting, .removeRouting, .setRouter, .probeRouter, .forgetNeighbour:
                kernel.perform(action, for: self)
            }
        }
    }

    /// - Returns: false if the record could not be kept; the rules will answer the request anew.
    private func keep(_ number: SocketRecord.Number, _ record: SocketRecord, for request: RequestID) -> Bool {
        do {
            try records.keep(number, record)
            return true
        } catch {
            tell(.recordRefused(request, record, errno: error.errno))
            return false
        }
    }

    private func deliver(_ answer: Answer, to request: RequestID) {
        if let waited = pending.removeValue(forKey: request) {
            conclude(waited.request, answer, waited.path, since: waited.start)
        }
        if let body = answersToAdministrator.removeValue(forKey: request) {
            body(answer)
        } else {
            answerSetsc?(request, answer)
        }
    }

    /// Counts what came of a request, and writes it down.
    private func conclude(
        _ request: AddressRequest, _ answer: Answer, _ path: GrantPath, since start: Instant
    ) {
        switch answer {
        case .granted(let grant):
            let end = BootClock.microseconds
            statistics.countGrant(
                request.type, path, microseconds: end > start.microseconds ? end - start.microseconds : 0)
            if journal.writesGrants { journal.grant(grant, to: request) }
        case .refused(let refusal):
            statistics.count(request.type, RequestOutcome(answer))
            journal.denial(refusal, of: request, rule: rule(of: refusal), at: now)
        }
    }

    /// The name of the rule of the policy that refused.
    private func rule(of refusal: Refusal) -> String? {
        refusal.rule.map { rules.configuration.policy.rules[$0].name }
    }

    private func tellThoseWhoWatch(_ event: AddressEvent) {
        log.info("\(event.text(at: now))", event.journalFields)
        for receiver in addressEventReceivers { receiver(event) }
    }

    private func tellOfSocketEnd(_ event: Event) {
        if case .socketDestroyed(let cookie) = event { socketEndReceiver?(cookie) }
        if case .socketGone(let cookie) = event { socketEndReceiver?(cookie) }
        // Those in doubt that are not in the list of all sockets.
        if case .socketsListed(.everything) = event { socketEndReceiver?(nil) }
    }

    private func armDeadline() {
        let next = rules.lookAhead()
        guard next != armedDeadline else { return }
        armedDeadline = next
        if let next { deadline?.arm(at: next.microseconds) } else { deadline?.disarm() }
    }
}

// Asked in place: a property of the daemon is copied, with a reference to each of its tables, before a function that does
// not change it is called.
extension Rules {
    fileprivate mutating func lookAhead() -> Instant? { nextDeadline }

    fileprivate mutating func hasGrant(of cookie: SocketCookie) -> Bool { latestGrant(of: cookie) != nil }

    /// - Returns: whether an address has to be made for the request.
    fileprivate mutating func answer(
        _ request: AddressRequest, at now: Instant, _ actions: inout [Action]
    ) -> Bool {
        let before = begunCount
        handle(.requested(request), at: now, &actions)
        return begunCount != before
    }
}
