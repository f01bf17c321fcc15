// A prefix that nobody has yet: whom a request is taken to, for how long, and what if nothing comes of it.

/// Whom a request can be taken to: a source, on one of its uplinks.
struct Candidate: Hashable {
    /// Place of the source in the configuration.
    var source: Int
    /// Nil if the source has no uplinks to choose from.
    var interfaceIndex: UInt32?

    /// The place of a source that the configuration does not have any more.
    static let nowhere = -1
}

/// A source has been asked for a prefix, or the routers on a link for their advertisements.
struct Question {
    let id: LeaseID
    var candidate: Candidate
    let type: ContinuityType
    /// The prefix is for one request alone.
    let isOnNet: Bool
    /// When those who wait are taken to the next candidate; nil if they have no other.
    var patienceEnd: Instant?

    /// What is held against whoever was asked if he gives nothing.
    var grievance: Grievance { Grievance(candidate: candidate, type: type) }
}

/// Somebody gave nothing for a type.
struct Grievance: Hashable {
    var candidate: Candidate
    var type: ContinuityType
}

/// Somebody gave nothing, and is not asked again for a while that grows each time.
struct Backoff {
    static let first: Duration = .seconds(1)
    static let longest: Duration = .seconds(60)

    private(set) var until: Instant
    private(set) var refusal: Refusal
    private var length: Duration

    init(_ refusal: Refusal, at now: Instant, after last: Backoff?) {
        length = min(last.map { $0.length * 2 } ?? Self.first, Self.longest)
        until = now + length
        self.refusal = refusal
    }
}

extension Rules {
    /// A router answers a solicitation within half a second (RFC 4861, section 6.2.6); this leaves room for two that
    /// are lost.
    static let routerPatience: Duration = .seconds(3)

    /// Whether a source can have addresses of a type.
    func mayGive(_ source: Int, _ type: ContinuityType) -> Bool {
        if offers[source].types.contains(type) { return true }
        guard offers[source].kind == .routerAdvertisement else { return false }
        return uplinks.running(matching: offers[source].uplinks).contains {
            advertisedPrefixes.names(type, on: $0)
        }
    }

    /// Has a request wait for the answer of a candidate, which is asked unless it has been already.
    ///
    /// - Returns: false if it is not to be asked now; `waiting` then says why.
    mutating func ask(
        _ candidate: Candidate, for waiting: inout WaitingRequest, at now: Instant,
        _ actions: inout [Action]
    ) -> Bool {
        if let refusal = objection(toAsking: candidate, for: waiting, at: now) {
            waiting.refusal = refusal
            return false
        }
        let open = openQuestion(candidate, for: waiting.request)
        let question = open ?? newQuestion(candidate, waiting.request, &actions)
        limitPatience(with: question.id, waiting, at: now)
        wait(waiting, for: .prefix(question.id), &actions)
        return true
    }

    /// Why a candidate is not to be asked now; nil if it is.
    func objection(
        toAsking candidate: Candidate, for waiting: WaitingRequest, at now: Instant
    ) -> Refusal? {
        if let before = waiting.tried.first(where: { $0.candidate == candidate }) { return before.refusal }
        let grievance = Grievance(candidate: candidate, type: waiting.request.type)
        if let backoff = backoffs[grievance], now < backoff.until { return backoff.refusal }
        if hasTooManyAtTheNetwork(waiting.request) { return .tooManyNetworkRequests }
        if openQuestion(candidate, for: waiting.request) != nil { return nil }
        let outstanding = questions.count { $0.candidate.source == candidate.source }
        let offer = offers[candidate.source]
        return offer.addressCount + outstanding < offer.maxAddresses ? nil : .exhausted
    }

    /// A question that has been asked, and whose answer is for the request as well.
    private func openQuestion(_ candidate: Candidate, for request: AddressRequest) -> Question? {
        if request.onNet { return nil }
        return questions.first { $0.candidate == candidate && $0.type == request.type && !$0.isOnNet }
    }

    private mutating func newQuestion(
        _ candidate: Candidate, _ request: AddressRequest, _ actions: inout [Action]
    ) -> Question {
        lastLease.number += 1
        let question = Question(
            id: lastLease, candidate: candidate, type: request.type, isOnNet: request.onNet)
        questions.append(question)
        let source = configuration.sources[candidate.source]
        switch (source.kind, candidate.interfaceIndex) {
        case (.routerAdvertisement, let index?):
            actions.append(.network(.solicitRouters(interfaceIndex: index)))
        case (.routerAdvertisement, nil), (.static, _): preconditionFailure("nobody to ask")
        case (.dhcpv6, let index), (.helper, let index):
            let request = PrefixRequest(
                id: question.id, source: source.name, type: question.type,
                interface: index.flatMap(uplinks.name(of:)) ?? source.interface, isOnNet: question.isOnNet)
            actions.append(.network(.ask(request)))
        }
        return question
    }

    /// Sees to it that a request gets to the next candidate in time, and with it those who wait for the same answer.
    mutating func limitPatience(with id: LeaseID, _ waiting: WaitingRequest, at now: Instant) {
        guard let index = questions.firstIndex(where: { $0.id == id }),
            let patience = patience(with: questions[index].candidate, waiting, at: now)
        else { return }
        let end = now + patience
        if let planned = questions[index].patienceEnd, planned <= end { return }
        questions[index].patienceEnd = end
        agenda.add(.patience(id), due: end)
    }

    /// How long a candidate has for its answer, so that others can be asked before the request's deadline; nil for as
    /// long as the request has.
    private func patience(
        with candidate: Candidate, _ waiting: WaitingRequest, at now: Instant
    ) -> Duration? {
        let left = waiting.deadline.since(now)
        let untried = candidates(for: waiting.request.type).filter { candidate in
            !waiting.tried.contains { $0.candidate == candidate }
        }
        let share = left / max(1, untried.count)
        if offers[candidate.source].kind == .routerAdvertisement { return min(share, Self.routerPatience) }
        return share < left ? share : nil
    }

    func candidates(for type: ContinuityType) -> [Candidate] {
        offers.indices.filter { mayGive($0, type) }.flatMap { source in
            offers[source].uplinks.isEmpty
                ? [Candidate(source: source)]
                : uplinks.running(matching: offers[source].uplinks).map {
                    Candidate(source: source, interfaceIndex: $0)
                }
        }
    }

    // MARK: Answers

    mutating func takeQuestion(_ id: LeaseID) -> Question? {
        questions.firstIndex { $0.id == id }.map { questions.remove(at: $0) }
    }

    /// Takes out the requests that wait for the answer to a question, in the order in which they asked.
    mutating func takeWaiting(for question: LeaseID) -> [WaitingRequest] {
        let taken = waiting.filter { $0.question == question }
        waiting.removeAll { $0.question == question }
        return taken
    }

    /// Whoever was asked gives nothing: those who wait are taken to the next.
    mutating func refused(
        _ id: LeaseID, _ refusal: Refusal, at now: Instant, _ actions: inout [Action]
    ) {
        backOff(id, refusal, at: now)
        takeElsewhere(id, refusal, at: now, &actions)
    }

    /// Nothing will come of a question: those who wait are taken to the next candidate.
    mutating func takeElsewhere(
        _ id: LeaseID, _ refusal: Refusal, at now: Instant, _ actions: inout [Action]
    ) {
        guard let question = takeQuestion(id) else { return }
        for var request in takeWaiting(for: id) {
            request.tried.append((question.candidate, refusal))
            resume(request, at: now, &actions)
        }
    }

    mutating func patienceEnded(with id: LeaseID, at now: Instant, _ actions: inout [Action]) {
        guard let question = questions.first(where: { $0.id == id }) else { return }
        drop(question, &actions)
        fellSilent(question, at: now, &actions)
        refused(id, .timedOut, at: now, &actions)
    }

    /// Whoever was asked had time enough.
    mutating func fellSilent(_ question: Question, at now: Instant, _ actions: inout [Action]) {
        let source = configuration.sources[question.candidate.source].name
        if backOff(question.id, .timedOut, at: now) {
            actions.append(.report(.sourceIsSilent(source, question.type)))
        }
    }

    /// Answers a request that waited for a prefix: with an address that is there by now, or with the next source.
    mutating func resume(_ request: WaitingRequest, at now: Instant, _ actions: inout [Action]) {
        if let slot = usableSlot(for: request.request) {
            answer(request, with: slot, at: now, &actions)
        } else {
            acquire(request, at: now, &actions)
        }
        scheduleStopFollowing(at: now)
    }

    /// - Returns: false if that is no news.
    @discardableResult
    mutating func backOff(_ id: LeaseID, _ refusal: Refusal, at now: Instant) -> Bool {
        questions.first { $0.id == id }.map { backOff($0, refusal, at: now) } ?? false
    }

    @discardableResult
    mutating func backOff(_ question: Question, _ refusal: Refusal, at now: Instant) -> Bool {
        let grievance = question.grievance
        // Of several requests that wait for one answer the first is the news.
        if let last = backoffs[grievance], now < last.until { return false }
        backoffs[grievance] = Backoff(refusal, at: now, after: backoffs[grievance])
        return true
    }

    /// Something has changed on an interface: who gave nothing there is asked again.
    mutating func forgive(on index: UInt32) {
        endInitialPauses()
        for grievance in backoffs.keys where mayBe(grievance.candidate, on: index) {
            backoffs[grievance] = nil
        }
    }

    /// Nobody knows where a program without an uplink gets its prefixes.
    private func mayBe(_ candidate: Candidate, on index: UInt32) -> Bool {
        if let own = candidate.interfaceIndex { return own == index }
        let interface = offers[candidate.source].interface
        return interface == nil || interface == uplinks.name(of: index)
    }

    // MARK: Ends without an answer

    /// Nobody is left on links that are not there any more.
    mutating func endQuestionsOnAbsentLinks(at now: Instant, _ actions: inout [Action]) {
        for question in questions where isAbsent(question.candidate) {
            drop(question, &actions)
            takeElsewhere(question.id, .noNetwork, at: now, &actions)
        }
        for grievance in backoffs.keys where isAbsent(grievance.candidate) { backoffs[grievance] = nil }
    }

    private func isAbsent(_ candidate: Candidate) -> Bool {
        candidate.interfaceIndex.map { uplinks.name(of: $0) == nil } ?? false
    }

    /// Nobody waits for an answer any more.
    mutating func dropIfUnasked(_ id: LeaseID, _ actions: inout [Action]) {
        guard !waiting.contains(where: { $0.question == id }), let question = takeQuestion(id) else { return }
        drop(question, &actions)
    }

    private func drop(_ question: Question, _ actions: inout [Action]) {
        guard offers[question.candidate.source].kind.isAsked else { return }
        actions.append(.network(.cancel(question.id)))
    }
}
