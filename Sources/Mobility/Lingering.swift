// An address without a user: how long it is kept, and how it goes.

extension Rules {
    /// Starts the linger time of an address that lost its last user.
    mutating func lingerIfUnused(_ slot: Int, at now: Instant, _ actions: inout [Action]) {
        // Most often it has others still: that is asked without a copy of all that is known of it.
        guard !addresses[slot].isUsed, !waiting.contains(where: { $0.slot == slot }) else { return }
        let record = addresses[slot]
        if record.state == .configuring, record.isMissing, !record.isRestoring {
            letGo(slot, at: now, &actions)
        }
        guard record.state == .active else { return }
        addresses[slot].state = .lingering
        let linger = record.isLeaving || record.isSpent ? .zero : configuration.types[record.type].linger
        guard let linger else { return }
        // Also without a linger time: of many sockets that die together one question to the kernel is made.
        self.linger(slot, until: now + linger)
    }

    /// Has an address that lingers removed at a time, but not before it is certain that all its sockets are known.
    mutating func linger(_ slot: Int, until end: Instant) {
        addresses[slot].lingerEnd = unrecordedUntil.map { max($0, end) } ?? end
        putOnAgenda(slot)
    }

    /// Called when the agenda looks at an address; `due` tells an entry of ours from one that is out of date.
    mutating func lingerEnded(_ slot: Int, due: Instant, at now: Instant, _ actions: inout [Action]) {
        guard addresses.isOccupied(slot), addresses[slot].agendaEntry == due else { return }
        addresses[slot].agendaEntry = nil
        guard let end = addresses[slot].lingerEnd else { return }
        if end <= now { check(slot) } else { putOnAgenda(slot) }
    }

    /// At the daemon's end: what only lingers goes now, what is in use or Fixed stays.
    mutating func removeLingering(at now: Instant, _ actions: inout [Action]) {
        if mayLackRecords(at: now) { return }
        for slot in addresses.indices
        where addresses.isOccupied(slot) && addresses[slot].state == .lingering
            && addresses[slot].lingerEnd != nil
        {
            check(slot)
        }
    }

    /// Gives an address back: nobody new gets it, and it goes now or with its last socket.
    mutating func release(_ address: IPv6Address, at now: Instant, _ actions: inout [Action]) {
        guard let slot = addresses.slot(of: address), addresses[slot].state != .removing else { return }
        withdraw(slot)
        endHold(slot, &actions)
        addresses[slot].isLeaving = true
        // Nobody may ever tell that it can be bound.
        if addresses[slot].isOthers, addresses[slot].state == .configuring { addresses[slot].state = .active }
        lingerIfUnused(slot, at: now, &actions)
        guard addresses.slot(of: address) == slot, addresses[slot].state == .lingering else { return }
        if mayLackRecords(at: now) { linger(slot, until: now) } else { check(slot) }
    }

    // MARK: Asking the kernel first

    /// Has the kernel asked for sockets that nobody told us of: accepted ones, and those bound by hand.
    mutating func check(_ slot: Int) {
        addresses[slot].isBeingChecked = true
        addresses[slot].usedUntil = nil
        checks.append(slot)
    }

    /// Asks about all addresses that an event brought up: about each alone, or about their prefix if there are
    /// many, because the kernel walks all its sockets for every question.
    mutating func askForSockets(_ actions: inout [Action]) {
        guard !checks.isEmpty else { return }
        followSocketDeaths(&actions)
        var prefixes = checks.map { IPv6Prefix(host: addresses[$0].address) }
        if checks.count >= Self.questionsWorthJoining {
            prefixes = Array(
                Set(
                    checks.map { slot in
                        addresses[slot].pool.map { pools[$0].prefix }
                            ?? IPv6Prefix(host: addresses[slot].address)
                    })
            ).sorted { $0.address < $1.address }
        }
        for prefix in prefixes { actions.append(.findSockets(prefix)) }
        checks.removeAll(keepingCapacity: true)
    }

    /// A TCP connection that this side closed first must still be answered for, if its last acknowledgement was
    /// lost (RFC 9293, section 3.6.1): for a short time, not for as long as the kernel keeps it.
    mutating func respectTimeWait(_ address: IPv6Address, left: Duration, at now: Instant) {
        guard let slot = addresses.slot(of: address), addresses[slot].isBeingChecked else { return }
        let rest = left - (Self.timeWait - Self.timeWaitRespected)
        if rest > .zero { addresses[slot].use(until: now + rest) }
    }

    /// No socket uses an address in the prefix unless one was counted since the question was asked.
    mutating func concludeCheck(of prefix: IPv6Prefix, at now: Instant, _ actions: inout [Action]) {
        for slot in slotsBeingChecked(in: prefix) {
            addresses[slot].isBeingChecked = false
            guard addresses[slot].state == .lingering else { continue }
            if let end = addresses[slot].usedUntil, end > now, !addresses[slot].isMissing {
                addresses[slot].lingerEnd = end
                putOnAgenda(slot)
            } else {
                startRemoving(slot, at: now, &actions)
            }
        }
        scheduleStopFollowing(at: now)
    }

    /// In doubt an address stays.
    mutating func postponeCheck(of prefix: IPv6Prefix, at now: Instant, _ actions: inout [Action]) {
        for slot in slotsBeingChecked(in: prefix) {
            addresses[slot].isBeingChecked = false
            addresses[slot].lingerEnd = now + Self.checkAgainAfter
            putOnAgenda(slot)
        }
    }

    private func slotsBeingChecked(in prefix: IPv6Prefix) -> [Int] {
        if prefix.length == 128 {
            return addresses.slot(of: prefix.address).map { addresses[$0].isBeingChecked ? [$0] : [] } ?? []
        }
        return addresses.indices.filter {
            addresses.isOccupied($0) && addresses[$0].isBeingChecked && prefix.contains(addresses[$0].address)
        }
    }

    /// Sees to it that the agenda looks at the address no later than its linger time ends. An entry that is
    /// early stays: it costs one look, where an entry for each start of the linger time would pile up.
    mutating func putOnAgenda(_ slot: Int) {
        guard let end = addresses[slot].lingerEnd else { return }
        if let entry = addresses[slot].agendaEntry, entry <= end { return }
        addresses[slot].agendaEntry = end
        agenda.add(.lingerEnd(slot: slot), due: end)
    }

    // MARK: Going

    mutating func startRemoving(_ slot: Int, at now: Instant, _ actions: inout [Action]) {
        withdraw(slot)
        addresses[slot].state = .removing
        let record = addresses[slot]
        if record.isOthers {
            // It stays whose it is.
            forget(record.address, at: now, &actions)
        } else if record.isMissing {
            if record.farewell == nil { actions.append(.report(.letGo(record.address))) }
            letGo(slot, at: now, &actions)
        } else if let interfaceIndex = record.interfaceIndex {
            actions.append(.removeAddress(record.address, interfaceIndex: interfaceIndex))
        } else {
            forget(record.address, at: now, &actions)
        }
    }

    /// Forgets an address that somebody took away or replaced, as far as is known: notices of that may be older than
    /// our putting it back.
    mutating func letGo(_ slot: Int, at now: Instant, _ actions: inout [Action]) {
        let record = addresses[slot]
        if let interfaceIndex = record.interfaceIndex, !record.isOthers {
            actions.append(.removeIfOurs(record.address, interfaceIndex: interfaceIndex))
        }
        forget(record.address, at: now, &actions)
    }

    /// Nothing of the address is left in the kernel, nor here.
    mutating func forget(_ address: IPv6Address, at now: Instant, _ actions: inout [Action]) {
        guard let slot = addresses.slot(of: address) else { return }
        precondition(!addresses[slot].isUsed, "an address in use is not forgotten")
        withdraw(slot)
        let record = addresses.remove(at: slot)
        endFight(over: .address(address))
        if let pool = record.pool {
            leave(address, pool)
            if pools[pool].addressCount == 0, !isTidyDue, !mayBeNeeded(pool, at: now) {
                stopRouting(pool, &actions)
            }
        }
        for pool in pools.indices where pools[pool].lease?.prefix.contains(address) == true {
            endLeaseIfUnused(pool, at: now, &actions)
        }
        scheduleStopFollowing(at: now)
    }

    /// After a change of policy: what lingers does so no longer than the policy now says.
    mutating func applyLingerPolicy(at now: Instant) {
        for slot in addresses.indices where addresses.isOccupied(slot) && addresses[slot].state == .lingering
        {
            if let end = configuration.types[addresses[slot].type].linger.map({ now + $0 }) {
                linger(slot, until: min(end, addresses[slot].lingerEnd ?? end))
            } else {
                addresses[slot].lingerEnd = nil
            }
        }
    }
}
