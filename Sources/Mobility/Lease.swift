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
        let source = question.candidate.source
        guard let pool = revivedPool(lease, of: source, &actions) ?? addPool(lease, of: source) else {
            // Somebody's mistake, and nothing to do about it: the addresses are others' already.
            actions.append(.report(.prefixOverlaps(lease.prefix, source: lease.source)))
            actions.append(.network(.giveBack(lease.id)))
            backOff(question, .networkRefused, at: now)
            for var request in waiters {
                request.tried.append((question.candidate, .networkRefused))
                resume(request, at: now, &actions)
            }
            return
        }
        let former = backoffs.removeValue(forKey: question.grievance)
        for request in waiters { serve(request, from: pool, of: question, former, at: now, &actions) }
        endLeaseIfUnused(pool, at: now, &actions)
        scheduleStopFollowing(at: now)
    }

    /// - Parameter former: how long the source was left alone before it gave the prefix.
    private mutating func serve(
        _ waiting: WaitingRequest, from pool: Int, of question: Question, _ former: Backoff?,
        at now: Instant, _ actions: inout [Action]
    ) {
        if let slot = usableSlot(for: waiting.request) {
            answer(waiting, with: slot, at: now, &actions)
            return
        }
        let hasRoom = offers[question.candidate.source].hasRoom
        if hasRoom, let record = newAddress(for: waiting.request, in: pool) {
            begin(record, for: waiting, at: now, &actions)
            return
        }
        var waiting = waiting
        // Else it was one address, and another of those who waited has it: there may be more where it came from.
        if hasRoom, pools[pool].addressCount == 0 {
            let refusal: Refusal = uplinks.place(for: pools[pool]) == nil ? .noNetwork : .exhausted
            waiting.tried.append((question.candidate, refusal))
            // A prefix of no use is as good as none.
            if backoffs[question.grievance] == nil {
                backoffs[question.grievance] = Backoff(refusal, at: now, after: former)
            }
        }
        acquire(waiting, at: now, &actions)
    }

    /// An address of a prefix that the candidate has given already.
    mutating func addressOfLease(
        for request: AddressRequest, from candidate: Candidate, byDetour: Bool = false
    ) -> AddressRecord? {
        let uplink = candidate.interfaceIndex.flatMap(uplinks.name(of:))
        for pool in pools.indices where pools[pool].source == candidate.source {
            guard let lease = pools[pool].lease, lease.type == request.type, !lease.isOnNet,
                uplink == nil || uplink == lease.interface, isByDetour(pools[pool]) == byDetour
            else { continue }
            if let record = newAddress(for: request, in: pool) { return record }
        }
        return nil
    }

    // MARK: Pools

    /// - Returns: nil if the prefix has addresses in common with another that we have.
    private mutating func addPool(_ lease: LeasedPrefix, of source: Int) -> Int? {
        guard !isOurs(lease) else { return nil }
        var pool = Pool(
            prefix: lease.prefix, origin: .lease(lease), source: source, place: offers[source].place,
            interface: lease.interface)
        pool.router = router(giving: lease)
        return add(pool)
    }

    /// The router of the network that gave it, as far as that is known.
    private func router(giving lease: LeasedPrefix) -> IPv6Address? {
        lease.interface.flatMap { uplinks.index(of: $0) }.flatMap { uplinks[attachmentOf: $0]?.router }
    }

    /// Some addresses of the prefix are ours to give by another one. What is advertised is not: servers give single
    /// addresses of it. What was taken away is not either, but what is left of it has a rule for its own uplink.
    private func isOurs(_ lease: LeasedPrefix) -> Bool {
        pools.contains { pool in
            !pool.isVacant && pool.origin != .advertisement && pool.prefix.overlaps(lease.prefix)
                && !(pool.isWithdrawn && pool.interface == lease.interface)
        }
    }

    /// A prefix that was taken away is given again while sockets still have addresses of it, as after a sleep that was
    /// longer than its lifetime: these are as good as new ones, if it is for their type.
    private mutating func revivedPool(
        _ lease: LeasedPrefix, of source: Int, _ actions: inout [Action]
    ) -> Int? {
        guard let pool = pools.indices.first(where: { canReturn($0, by: lease, of: source) }) else {
            return nil
        }
        pools[pool].origin = .lease(lease)
        pools[pool].interface = lease.interface
        pools[pool].router = router(giving: lease)
        pools[pool].isWithdrawn = false
        assign(pool, to: source)
        routePackets(of: pool, &actions)
        for slot in addresses.indices where addresses.isOccupied(slot) && addresses[slot].pool == pool {
            guard addresses[slot].type == lease.type, !addresses[slot].isLost,
                addresses[slot].state != .removing
            else { continue }
            if addresses[slot].farewell != nil {
                revoke(farewellOf: slot, &actions)
            } else {
                addresses[slot].isLeaving = false
                offer(slot)
            }
        }
        return pool
    }

    /// A lease is of a prefix that was taken away, and the addresses that are left stand where it wants them.
    private func canReturn(_ pool: Int, by lease: LeasedPrefix, of source: Int) -> Bool {
        guard pools[pool].isWithdrawn, let old = pools[pool].lease, !pools[pool].isVacant,
            old.prefix == lease.prefix, old.isOnNet == lease.isOnNet,
            pools[pool].place == offers[source].place,
            old.interface == lease.interface || (pools[pool].place != .interface && lease.interface != nil)
        else { return false }
        // Of a single address nothing is left to give if it is lost.
        return lease.prefix.length < 128 || addresses.firstSlot { $0.pool == pool && $0.isLost } == nil
    }

    /// Takes a prefix over that was granted to an earlier run. One that nobody new may have is given back when it is
    /// certain that no socket uses it.
    mutating func adopt(_ lease: LeasedPrefix) {
        lastLease = max(lastLease, lease.id)
        var pool = Pool(
            prefix: lease.prefix, origin: .lease(lease), source: nil, interface: lease.interface)
        if !isOurs(lease), let source = source(of: pool) {
            pool.source = source
            pool.place = offers[source].place
        }
        add(pool)
    }

    // MARK: The end

    /// The prefix is ours no longer. Its addresses come to their end: they may work for some time yet.
    mutating func withdrawn(_ id: LeaseID, at now: Instant, _ actions: inout [Action]) {
        guard let pool = pools.firstIndex(where: { $0.lease?.id == id && !$0.isWithdrawn }) else { return }
        let prefix = pools[pool].prefix
        takeAway(pool)
        let slots = addresses.indices.filter { addresses.isOccupied($0) && addresses[$0].pool == pool }
        let inUse = slots.count { addresses[$0].references > 0 }
        supersede(slots, at: now, &actions)
        if inUse > 0 { actions.append(.report(.prefixWithdrawn(prefix, addressesInUse: inUse))) }
    }

    /// No source has the prefix any more, and nobody wants it back.
    private mutating func takeAway(_ pool: Int) {
        if let source = pools[pool].source { offers[source].addressCount -= pools[pool].addressCount }
        pools[pool].source = nil
        pools[pool].isWithdrawn = true
    }

    /// Gives addresses of a pool to nobody new.
    mutating func retire(
        _ pool: Int, at now: Instant, _ actions: inout [Action], where condition: (AddressRecord) -> Bool
    ) {
        var waiters: [WaitingRequest] = []
        for slot in addresses.indices where addresses.isOccupied(slot) && addresses[slot].pool == pool {
            guard addresses[slot].isOffered, condition(addresses[slot]) else { continue }
            waiters += takeWaiting(forAddress: slot)
            release(addresses[slot].address, at: now, &actions)
        }
        // By now none of these addresses is in their way.
        for waiter in waiters { resume(waiter, at: now, &actions) }
    }

    mutating func takeWaiting(forAddress slot: Int) -> [WaitingRequest] {
        let taken = waiting.filter { $0.slot == slot }
        waiting.removeAll { $0.slot == slot }
        return taken
    }

    /// Gives a prefix back of which no address is left.
    mutating func endLeaseIfUnused(_ pool: Int, at now: Instant, _ actions: inout [Action]) {
        guard let lease = pools[pool].lease, !isInUse(pools[pool]), !isTidyDue, !mayBeNeeded(pool, at: now)
        else { return }
        stopRouting(pool, &actions)
        if !pools[pool].isWithdrawn { actions.append(.network(.giveBack(lease.id))) }
        // The pool's place may be given to another now.
        pools[pool] = Pool(prefix: lease.prefix, source: nil)
    }

    /// Addresses of an earlier run may be counted in another pool, if the configuration now names their prefix itself.
    private func isInUse(_ pool: Pool) -> Bool {
        if pool.addressCount > 0 { return true }
        return pool.source == nil && addresses.firstSlot { pool.prefix.contains($0.address) } != nil
    }

    /// Gives back what an earlier run was granted and nobody uses. What lingers for ever is kept, so that its addresses
    /// are the same after the machine was started again.
    mutating func endIdleLeases(at now: Instant, _ actions: inout [Action]) {
        for pool in pools.indices where !isForEver(pools[pool]) { endLeaseIfUnused(pool, at: now, &actions) }
    }

    private func isForEver(_ pool: Pool) -> Bool {
        guard let lease = pool.lease, pool.source != nil else { return false }
        return configuration.types[lease.type].linger == nil
    }

    // MARK: When a neighbour has it

    /// Declines a single address that a neighbour has (RFC 8415, section 18.2.8).
    ///
    /// - Returns: false if it is not of that kind.
    mutating func decline(_ slot: Int, _ actions: inout [Action]) -> Bool {
        guard let pool = addresses[slot].pool, let lease = pools[pool].lease, !pools[pool].isWithdrawn,
            lease.prefix.length == 128
        else { return false }
        actions.append(.network(.decline(lease.id)))
        takeAway(pool)
        return true
    }

    /// Asks for another address, if that was not done too often.
    mutating func askForAnother(insteadOf slot: Int, at now: Instant, _ actions: inout [Action]) {
        withdraw(slot)
        addresses[slot].isLeaving = true
        for var request in takeWaiting(forAddress: slot) {
            request.duplicates += 1
            guard request.duplicates < Self.duplicatesTolerated else {
                refuse(request.request, .duplicate, at: now, &actions)
                continue
            }
            resume(request, at: now, &actions)
        }
    }
}
