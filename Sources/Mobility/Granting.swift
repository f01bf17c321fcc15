// A request, from its arrival to its answer.

/// A request that cannot be answered before the kernel, or the network, has said something.
struct WaitingRequest {
    /// What it waits for.
    enum Awaited: Equatable {
        /// The address at a place can be bound.
        case address(slot: Int)
        /// A question is answered.
        case prefix(LeaseID)
    }

    var request: AddressRequest
    var awaited: Awaited?
    var deadline: Instant
    /// The death of its socket may have been missed.
    var isDoubtful = false
    /// Who was asked for it in vain, and why it was in vain.
    var tried: [(candidate: Candidate, refusal: Refusal)] = []
    /// Why the last one gave nothing.
    var refusal = Refusal.noSource
    /// Addresses of it that neighbours had, each in a prefix of its own.
    var duplicates = 0

    init(_ request: AddressRequest, deadline: Instant) {
        self.request = request
        self.deadline = deadline
    }

    /// Place of the address that it waits for.
    var slot: Int? { if case .address(let slot) = awaited { slot } else { nil } }

    var question: LeaseID? { if case .prefix(let id) = awaited { id } else { nil } }
}

extension Rules {
    mutating func answer(_ request: AddressRequest, at now: Instant, _ actions: inout [Action]) {
        let slot = usableSlot(for: request)
        if let refusal = objection(to: request, giving: slot) {
            actions.append(.answer(request.id, .refused(refusal)))
            return
        }
        if let slot, addresses[slot].isReady {
            grant(slot, to: request, at: now, &actions)
            return
        }
        let waiting = WaitingRequest(request, deadline: now + configuration.requestTimeout)
        if let slot {
            answer(waiting, with: slot, at: now, &actions)
            return
        }
        if let requester = request.requester, addressCount(of: requester.cookie) >= Self.addressesPerSocket {
            actions.append(.answer(request.id, .refused(.tooManyAddresses)))
            return
        }
        acquire(waiting, at: now, &actions)
    }

    /// Answers a request with an address, as soon as that can be bound.
    mutating func answer(
        _ waiting: WaitingRequest, with slot: Int, at now: Instant, _ actions: inout [Action]
    ) {
        switch addresses[slot].state {
        case .active, .lingering:
            guard !addresses[slot].isReady else {
                grant(slot, to: waiting, at: now, &actions)
                return
            }
            wait(waiting, for: .address(slot: slot), &actions)
            activate(slot)
            putBackIfMissing(slot, at: now, &actions)
        case .acquiring, .configuring: wait(waiting, for: .address(slot: slot), &actions)
        case .removing: preconditionFailure("an address that is being removed is not usable")
        }
    }

    /// What the socket was given last; nil if nothing.
    public func latestGrant(of cookie: SocketCookie) -> Grant? {
        latestSlot(of: cookie).map { addresses[$0].grant }
    }

    /// Place of the address that the socket was given last.
    func latestSlot(of cookie: SocketCookie) -> Int? {
        var latest: Int?
        sockets.forEachSlot(of: cookie) { entry in
            if entry.isLatest { latest = Int(entry.slot) }
            return latest == nil
        }
        return latest
    }

    mutating func grant(_ slot: Int, to request: AddressRequest, at now: Instant, _ actions: inout [Action]) {
        if let replacement = request.replacement {
            if addresses[slot].state == .configuring { addresses[slot].state = .active }
            return conclude(replacement, request.type, with: slot, at: now, &actions)
        }
        if request.isInitial {
            if addresses[slot].state == .configuring { addresses[slot].state = .active }
            return concludeInitial(request.type, with: slot, at: now, &actions)
        }
        guard keep(slot, for: request, at: now, &actions) else {
            refuse(request, .tooManySockets, at: now, &actions)
            lingerIfUnused(slot, at: now, &actions)
            return
        }
        addresses[slot].state = .active
        addresses[slot].isBeingChecked = false
        addresses[slot].lingerEnd = nil
        actions.append(.answer(request.id, .granted(addresses[slot].grant)))
    }

    mutating func refuse(
        _ request: AddressRequest, _ refusal: Refusal, at now: Instant, _ actions: inout [Action]
    ) {
        if let replacement = request.replacement {
            conclude(replacement, request.type, with: nil, at: now, &actions)
        } else if request.isInitial {
            concludeInitial(request.type, with: nil, at: now, &actions)
        } else {
            actions.append(.answer(request.id, .refused(refusal)))
        }
    }

    /// Counts whoever asks among those who keep the address; false if there is no room.
    private mutating func keep(
        _ slot: Int, for request: AddressRequest, at now: Instant, _ actions: inout [Action]
    ) -> Bool {
        if let requester = request.requester {
            return refer(requester, to: slot, for: request.id, at: now, &actions)
        }
        let held = addresses[slot].holdRecord
        if let held, !uncertainRecords.contains(held) { return true }
        guard let number = held ?? recordNumbers.take() else { return false }
        addresses[slot].isHeld = true
        addresses[slot].holdRecord = number
        uncertainRecords.append(number)
        actions.append(.keepRecord(number, record(of: slot, nil, at: now), for: request.id))
        return true
    }

    mutating func wait(
        _ request: WaitingRequest, for awaited: WaitingRequest.Awaited, _ actions: inout [Action]
    ) {
        // The socket may die before the answer: then nobody must be left to keep the address.
        followSocketDeaths(&actions)
        var request = request
        request.awaited = awaited
        waiting.append(request)
        lookAtDeadlines(at: request.deadline)
    }

    /// Has overdue requests refused at a time, or earlier.
    private mutating func lookAtDeadlines(at due: Instant) {
        if let planned = deadlinesDue, planned <= due { return }
        deadlinesDue = due
        agenda.add(.requestDeadlines, due: due)
    }

    mutating func cancel(_ id: RequestID, at now: Instant, _ actions: inout [Action]) {
        guard let index = waiting.firstIndex(where: { $0.request.id == id }) else { return }
        switch waiting.remove(at: index).awaited {
        case .address(let slot): lingerIfUnused(slot, at: now, &actions)
        case .prefix(let question): dropIfUnasked(question, &actions)
        case nil: break
        }
        scheduleStopFollowing(at: now)
    }

    /// Refuses what has waited too long and looks again when the next will have. `due` tells an entry of the agenda that
    /// holds from one that is out of date.
    mutating func refuseOverdue(_ due: Instant, at now: Instant, _ actions: inout [Action]) {
        guard deadlinesDue == due else { return }
        deadlinesDue = nil
        for overdue in waiting where overdue.deadline <= now {
            if let question = questions.first(where: { $0.id == overdue.question }) {
                fellSilent(question, at: now, &actions)
            }
            refuse(overdue.request, .timedOut, at: now, &actions)
            cancel(overdue.request.id, at: now, &actions)
        }
        if let next = waiting.map(\.deadline).min() { lookAtDeadlines(at: next) }
    }

    /// Takes out, in the order in which they asked, the requests that wait for an address.
    mutating func nextWaiting(for slot: Int) -> WaitingRequest? {
        waiting.firstIndex { $0.slot == slot }.map { waiting.remove(at: $0) }
    }

    /// Grants an address to all who wait for it.
    mutating func grantWaiting(_ slot: Int, at now: Instant, _ actions: inout [Action]) {
        while let waited = nextWaiting(for: slot) { grant(slot, to: waited, at: now, &actions) }
    }

    /// Grants an address to a request that may have waited, and whose socket may have died meanwhile.
    mutating func grant(
        _ slot: Int, to waited: WaitingRequest, at now: Instant, _ actions: inout [Action]
    ) {
        grant(slot, to: waited.request, at: now, &actions)
        guard waited.isDoubtful, let requester = waited.request.requester else { return }
        sockets.change(requester.cookie) { $0.isDoubtful = true }
        lookAtDoubts(at: now)
    }

    /// An address that the request may have without a new one being made.
    func usableSlot(for request: AddressRequest) -> Int? {
        guard !request.onNet else { return nil }
        if let requester = request.requester, let kept = keptSlot(requester.cookie, request.type) {
            return kept
        }
        guard let slot = sharedSlot(request.type, owner(for: request)), addresses[slot].isOffered else {
            return nil
        }
        return slot
    }

    /// An address of the type that the socket keeps already, the latest first.
    private func keptSlot(_ cookie: SocketCookie, _ type: ContinuityType) -> Int? {
        var kept: Int?
        sockets.forEachSlot(of: cookie) { entry in
            let record = addresses[Int(entry.slot)]
            guard record.type == type, record.isOffered else { return true }
            kept = Int(entry.slot)
            return !entry.isLatest
        }
        return kept
    }

    private func addressCount(of cookie: SocketCookie) -> Int {
        var count = 0
        sockets.forEachSlot(of: cookie) { _ in
            count += 1
            return true
        }
        return count
    }
}
