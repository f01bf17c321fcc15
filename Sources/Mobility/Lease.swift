// A prefix that a source gave when it was asked: it comes with the first request for it, and is given back when the last
// address of it is gone.

extension Rules {
    /// A source has answered a question: those who wait get addresses of the prefix.
    mutating func granted(_ lease: LeasedPrefix, at now: Instant, _ actions: inout [Action]) {
        guard let question = takeQuestion(lease.id) else {
            actions.append(.network(.giveBack(lease.id)))
            return
        }
        let waiters = takeWaiting(for: lease.id)
        guard let pool = addPool(lease, of: question.candidate.source) else {
            // Somebody's mistake, and nothing to do about it: the addresses are others' already.
            actions.append(.report(.prefixOverlaps(lease.prefix, source: lease.source)))
            actions.append(.network(.giveBack(lease.id)))
            for var request in waiters {
                request.tried.append((question.candidate, .networkRefused))
                resume(request, at: now, &actions)
            }
            return
        }
        backoffs[Grievance(candidate: question.candidate, type: question.type)] = nil
        for request in waiters { serve(request, from: pool, at: now, &actions) }
        endLeaseIfUnused(pool, &actions)
        scheduleStopFollowing(at: now)
    }

    private mutating func serve(
        _ waiting: WaitingRequest, from pool: Int, at now: Instant, _ actions: inout [Action]
    ) {
        if let slot = usableSlot(for: waiting.request) {
            answer(waiting, with: slot, at: now, &actions)
        } else if let record = newAddress(for: waiting.request, in: pool) {
            begin(record, for: waiting, at: now, &actions)
        } else {
            // It was one address, and another of those who waited has it.
            acquire(waiting, at: now, &actions)
        }
    }

    /// An address of a prefix that the candidate has given already.
    mutating func addressOfLease(for request: AddressRequest, from candidate: Candidate) -> AddressRecord? {
        let uplink = candidate.interfaceIndex.flatMap(uplinks.name(of:))
        for pool in pools.indices where pools[pool].source == candidate.source {
            guard let lease = pools[pool].lease, lease.type == request.type, !lease.isOnNet,
                uplink == nil || uplink == lease.interface
            else { continue }
            if let record = newAddress(for: request, in: pool) { return record }
        }
        return nil
    }

    // MARK: Pools

    /// - Returns: nil if the prefix has addresses in common with another that we have.
    private mutating func addPool(_ lease: LeasedPrefix, of source: Int) -> Int? {
        let isTaken = pools.contains { !$0.isVacant && $0.prefix.overlaps(lease.prefix) }
        guard !isTaken else { return nil }
        return add(
            Pool(
                prefix: lease.prefix, origin: .lease(lease), source: source, place: offers[source].place,
                interface: lease.interface))
    }

    /// Takes a prefix over that was granted to an earlier run.
    mutating func adopt(_ lease: LeasedPrefix) {
        lastLease = max(lastLease, lease.id)
        guard let source = configuration.sources.firstIndex(where: { $0.name == lease.source }) else {
            // Given back when it is certain that no socket uses it.
            add(Pool(prefix: lease.prefix, origin: .lease(lease), source: nil, interface: lease.interface))
            return
        }
        _ = addPool(lease, of: source)
    }

    // MARK: The end

    /// The prefix is ours no longer. Its addresses are given to nobody new, and go with their last socket: they may work
    /// for some time yet.
    mutating func withdrawn(_ id: LeaseID, at now: Instant, _ actions: inout [Action]) {
        guard let pool = pools.firstIndex(where: { $0.lease?.id == id && !$0.isWithdrawn }) else { return }
        if let source = pools[pool].source { offers[source].addressCount -= pools[pool].addressCount }
        pools[pool].source = nil
        pools[pool].isWithdrawn = true
        let inUse = retire(pool, at: now, &actions) { _ in true }
        if inUse > 0 { actions.append(.report(.prefixWithdrawn(pools[pool].prefix, addressesInUse: inUse))) }
    }

    /// Gives addresses of a pool to nobody new.
    ///
    /// - Returns: how many of them sockets have.
    @discardableResult
    mutating func retire(
        _ pool: Int, at now: Instant, _ actions: inout [Action], where condition: (AddressRecord) -> Bool
    ) -> Int {
        var inUse = 0
        for slot in addresses.indices where addresses.isOccupied(slot) && addresses[slot].pool == pool {
            guard addresses[slot].isOffered, condition(addresses[slot]) else { continue }
            if addresses[slot].references > 0 { inUse += 1 }
            let waiters = takeWaiting(forAddress: slot)
            release(addresses[slot].address, at: now, &actions)
            for waiter in waiters { resume(waiter, at: now, &actions) }
        }
        return inUse
    }

    mutating func takeWaiting(forAddress slot: Int) -> [WaitingRequest] {
        let taken = waiting.filter { $0.slot == slot }
        waiting.removeAll { $0.slot == slot }
        return taken
    }

    /// Gives a prefix back of which no address is left.
    mutating func endLeaseIfUnused(_ pool: Int, _ actions: inout [Action]) {
        guard let lease = pools[pool].lease, pools[pool].addressCount == 0, !isTidyDue else { return }
        endLease(lease, pool, &actions)
    }

    private mutating func endLease(_ lease: LeasedPrefix, _ pool: Int, _ actions: inout [Action]) {
        stopRouting(pool, &actions)
        if !pools[pool].isWithdrawn { actions.append(.network(.giveBack(lease.id))) }
        // The pool's place may be given to another now.
        pools[pool] = Pool(prefix: lease.prefix, source: nil)
    }

    /// Gives back what an earlier run was granted and nobody uses. What lingers for ever is kept, so that its addresses
    /// are the same after the machine was started again.
    mutating func endIdleLeases(_ actions: inout [Action]) {
        for pool in pools.indices {
            guard let lease = pools[pool].lease, pools[pool].source != nil,
                configuration.types[lease.type].linger == nil
            else {
                endLeaseIfUnused(pool, &actions)
                continue
            }
        }
    }

    // MARK: When a neighbour has it

    /// Declines a single address that a neighbour has (RFC 8415, section 18.2.8), and asks for another.
    mutating func askForAnother(
        insteadOf slot: Int, in pool: Int, at now: Instant, _ actions: inout [Action]
    ) {
        guard let lease = pools[pool].lease else { return }
        actions.append(.network(.decline(lease.id)))
        withdraw(slot)
        addresses[slot].isLeaving = true
        if let source = pools[pool].source { offers[source].addressCount -= pools[pool].addressCount }
        pools[pool].source = nil
        pools[pool].isWithdrawn = true
        for var request in takeWaiting(forAddress: slot) {
            request.duplicates += 1
            guard request.duplicates < Self.duplicatesTolerated else {
                actions.append(.answer(request.request.id, .refused(.duplicate)))
                continue
            }
            resume(request, at: now, &actions)
        }
    }
}
