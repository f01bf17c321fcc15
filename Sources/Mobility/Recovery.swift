// The start of a daemon on a host where an earlier one has been. The kernel knows the addresses, and the sockets that
// are bound; the records know the sockets that are not, and what else was promised.
//
// Told in this order: links and routers, routing of ours, addresses of ours, records, `recovered`. Then deaths are
// followed, and after that all sockets are listed: none dies unseen in between.

extension Rules {
    /// Takes an address over. It lingers until a user is found.
    mutating func adopt(_ found: FoundAddress, at now: Instant, _ actions: inout [Action]) {
        guard addresses.slot(of: found.address) == nil else { return }
        let slot = adopt(
            AddressRecord(
                address: found.address, type: found.type, interfaceIndex: found.interfaceIndex, owner: nil,
                pool: pool(around: found.address), state: .lingering),
            at: now, &actions)
        addresses[slot].isTentative = !found.isUsable
        addresses[slot].isPreferred = found.isPreferred
        if found.isPreferred { preferred.append(found.address) }
        limitUse(of: slot, at: now)
        if let validUntil = found.validUntil { resumeFarewell(to: slot, validUntil: validUntil) }
        if let linger = configuration.types[found.type].linger { self.linger(slot, until: now + linger) }
    }

    /// Keeps what an earlier run promised, if the address is still there. Whether the socket is, is doubtful.
    mutating func adopt(
        _ number: SocketRecord.Number, _ record: SocketRecord, at now: Instant, _ actions: inout [Action]
    ) {
        recordNumbers.claim(number)
        guard let slot = addresses.slot(of: record.address) ?? recover(record, at: now, &actions),
            !(record.requester.map { keeps($0.cookie, slot) } ?? addresses[slot].isHeld)
        else {
            eraseRecord(number, &actions)
            return
        }
        addresses[slot].owner = record.owner
        addresses[slot].isOnNet = record.isOnNet
        if let requester = record.requester {
            var entry = SocketTable.Entry(requester, slot: slot, record: number)
            entry.isDoubtful = true
            insert(entry)
            addresses[slot].references += 1
        } else {
            addresses[slot].isHeld = true
            addresses[slot].holdRecord = number
        }
        activate(slot)
        if addresses[slot].isMissing, !addresses[slot].isRestoring {
            putBack(slot, isPeace: true, at: now, &actions)
        }
    }

    /// Everything that was there has been told.
    mutating func concludeRecovery(at now: Instant, _ actions: inout [Action]) {
        for slot in addresses.indices where addresses.isOccupied(slot) {
            if isStillGiven(addresses[slot]) { offer(slot) }
        }
        hasRecovered = true
        solicitRouters(on: uplinks.indices, &actions)
        guard addresses.count > 0 || pools.contains(where: \.isRouted) || !foundTables.isEmpty else {
            endIdleLeases(at: now, &actions)
            return
        }
        isTidyDue = true
        followSocketDeaths(&actions)
        actions.append(.findSockets(.everything))
    }

    /// The sockets of an earlier run are known as well: what nobody needs goes, the rest is made whole.
    mutating func tidy(at now: Instant, _ actions: inout [Action]) {
        isTidyDue = false
        for pool in pools.indices {
            if pools[pool].addressCount > 0 {
                renewRouting(of: pool, &actions)
            } else if !mayBeNeeded(pool, at: now) {
                stopRouting(pool, &actions)
            }
        }
        for uplink in foundTables.sorted() where !isRuled(uplink) {
            actions.append(.removeRouting(.table(uplink: uplink)))
        }
        foundTables = []
        endIdleLeases(at: now, &actions)
        scheduleStopFollowing(at: now)
    }

    /// There may be sockets that were given an address, have not bound, and are in no record.
    func mayLackRecords(at now: Instant) -> Bool { unrecordedUntil.map { now < $0 } ?? false }

    /// Without records, sockets may have been given addresses that are nowhere configured.
    func mayBeNeeded(_ pool: Int, at now: Instant) -> Bool {
        guard mayLackRecords(at: now), pools[pool].hasLocalRoute else { return false }
        return pools[pool].source == nil || pools[pool].place == .route
    }

    /// By now every socket has bound that ever will.
    mutating func tidyAgain(_ actions: inout [Action]) {
        unrecordedUntil = nil
        isTidyDue = true
        followSocketDeaths(&actions)
        actions.append(.findSockets(.everything))
    }

    /// Without records a socket that was given an address and has not bound cannot be known of: it gets some time.
    mutating func distrustRecords(at now: Instant) {
        guard addresses.count > 0 || pools.contains(where: \.hasLocalRoute) else { return }
        let end = now + Self.timeToBindUnrecorded
        unrecordedUntil = end
        agenda.add(.tidying, due: end)
        for slot in addresses.indices where addresses.isOccupied(slot) {
            if let lingerEnd = addresses[slot].lingerEnd { linger(slot, until: lingerEnd) }
        }
    }

    // MARK: Routing

    /// Takes routing over that an earlier run left, until it is known whether it is needed.
    mutating func adopt(_ routing: OwnRouting, _ actions: inout [Action]) {
        switch routing {
        case .table(let uplink): foundTables.insert(uplink)
        case .rule(let prefix, let uplink):
            let pool = poolForRouting(prefix)
            if pools[pool].ruledUplink == nil {
                pools[pool].ruledUplink = uplink
            } else if pools[pool].ruledUplink != uplink {
                actions.append(.removeRouting(routing))
            }
        case .mainRule(let prefix): pools[poolForRouting(prefix)].hasMainRule = true
        case .linkRoute(let prefix, let uplink):
            let pool = poolForRouting(prefix)
            if pools[pool].ruledUplink == uplink {
                pools[pool].hasLinkRoute = true
            } else {
                actions.append(.removeRouting(routing))
            }
        case .localRoute(let prefix): pools[poolForRouting(prefix)].hasLocalRoute = true
        }
    }

    /// The pool of a prefix, or a new one that no source has.
    private mutating func poolForRouting(_ prefix: IPv6Prefix) -> Int {
        if let known = pools.firstIndex(where: { $0.prefix == prefix && !$0.isVacant }) { return known }
        return add(Pool(prefix: prefix, source: nil))
    }

    // MARK: Addresses that the kernel's table does not name

    /// An address that is nowhere configured, or that somebody took away while no daemon was there to put it back.
    private mutating func recover(
        _ record: SocketRecord, at now: Instant, _ actions: inout [Action]
    ) -> Int? {
        if let others = recoverOthers(record) { return adopt(others, at: now, &actions) }
        let pool = pool(around: record.address)
        var interfaceIndex: UInt32?
        if !record.isRoutedOnly {
            guard let pool, pools[pool].source != nil,
                let index = uplinks.place(for: pools[pool])?.interfaceIndex
            else { return nil }
            interfaceIndex = index
        }
        var address = AddressRecord(
            address: record.address, type: record.type, interfaceIndex: interfaceIndex, owner: record.owner,
            pool: pool, state: .active)
        address.isMissing = !record.isRoutedOnly
        return adopt(address, at: now, &actions)
    }

    /// An address without a record to which a socket is bound, in a prefix that an earlier run made local. Its type
    /// is not known: it passes for the first that the source gives, if one still has the prefix.
    mutating func recoverRouted(
        _ address: IPv6Address, at now: Instant, _ actions: inout [Action]
    ) -> Int? {
        guard isTidyDue, let pool = pool(around: address), pools[pool].hasLocalRoute else { return nil }
        let offer = pools[pool].source.map { offers[$0] }
        guard offer == nil || pools[pool].place == .route else { return nil }
        let given = ContinuityType.allCases.first { offer?.types.contains($0) ?? true }
        let type = pools[pool].lease?.type ?? given ?? .sessionLasting
        let slot = adopt(
            AddressRecord(
                address: address, type: type, interfaceIndex: nil, owner: nil, pool: pool, state: .lingering),
            at: now, &actions)
        linger(slot, until: now)
        return slot
    }

    private mutating func adopt(
        _ record: AddressRecord, at now: Instant, _ actions: inout [Action]
    ) -> Int {
        var record = record
        record.madeAt = now
        let slot = addresses.insert(record)
        if let pool = record.pool {
            enter(record, pool)
            routePackets(of: pool, &actions)
        }
        return slot
    }

    /// The pool that an address is in, of several one that a source has.
    func pool(around address: IPv6Address) -> Int? {
        let around = pools.indices.filter { pools[$0].prefix.contains(address) }
        return around.first { pools[$0].source != nil } ?? around.first
    }
}
