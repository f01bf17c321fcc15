// Which sockets keep an address, and how long the kernel is asked to tell of their deaths.

extension Rules {
    /// Makes an address kept by a socket until the socket is destroyed, and a record of that kept.
    ///
    /// - Returns: false if there is no room for another socket.
    mutating func refer(
        _ requester: Requester, to slot: Int, for request: RequestID, at now: Instant,
        _ actions: inout [Action]
    ) -> Bool {
        if let number = recordNumber(requester.cookie, slot) {
            sockets.markLatest(requester.cookie, slot: UInt32(slot))
            // Of two requests that are answered together neither is granted unless the record is kept.
            if uncertainRecords.contains(number) {
                actions.append(.keepRecord(number, record(of: slot, requester, at: now), for: request))
            }
            return true
        }
        guard let number = recordNumbers.take() else { return false }
        followSocketDeaths(&actions)
        insert(SocketTable.Entry(requester, slot: slot, record: number))
        addresses[slot].references += 1
        uncertainRecords.append(number)
        actions.append(.keepRecord(number, record(of: slot, requester, at: now), for: request))
        if !requester.isDeathAnnounced { lookAtDoubts(at: now + Self.lookAgainAfter) }
        return true
    }

    /// What is remembered of a socket's, or the administrator's, being given an address.
    func record(of slot: Int, _ requester: Requester?, at now: Instant) -> SocketRecord {
        let address = addresses[slot]
        return SocketRecord(
            requester: requester, address: address.address, type: address.type, owner: address.owner,
            isOnNet: address.isOnNet, isRoutedOnly: address.interfaceIndex == nil, since: now)
    }

    /// A socket that was found bound to an address keeps it, whoever gave it the address.
    mutating func count(_ found: FoundSocket, at now: Instant, _ actions: inout [Action]) {
        sockets.change(found.cookie) { $0.isDoubtful = false }
        guard let slot = addresses.slot(of: found.address) ?? recoverRouted(found.address, at: now, &actions)
        else {
            return
        }
        switch addresses[slot].state {
        // An address that is being made or removed is nobody's yet, or no more.
        case .acquiring, .removing: return
        case .configuring: guard addresses[slot].isMissing else { return }
        case .active, .lingering: break
        }
        guard found.isDeathAnnounced else {
            // Counted, it would be counted for ever.
            addresses[slot].use(until: now + Self.lookAgainAfter)
            putBackIfMissing(slot, at: now, &actions)
            return
        }
        guard !keeps(found.cookie, slot) else { return }
        followSocketDeaths(&actions)
        insert(SocketTable.Entry(found, slot: slot))
        addresses[slot].references += 1
        activate(slot)
        putBackIfMissing(slot, at: now, &actions)
    }

    /// A socket that the kernel gave an address to keeps it as if it had asked. One that got it when it was about to go is
    /// found, if it is bound, when the kernel is asked who is.
    mutating func count(
        _ requester: Requester, given address: IPv6Address, at now: Instant, _ actions: inout [Action]
    ) {
        guard let slot = addresses.slot(of: address), addresses[slot].isReady else { return }
        // Nobody waits for an answer: if there is no room for a record, none is kept.
        guard refer(requester, to: slot, for: .nobody, at: now, &actions) else { return }
        activate(slot)
    }

    /// Ends the lingering of an address that has a user again.
    mutating func activate(_ slot: Int) {
        addresses[slot].isBeingChecked = false
        guard addresses[slot].state == .lingering else { return }
        addresses[slot].state = .active
        addresses[slot].lingerEnd = nil
    }

    /// A destroyed socket keeps nothing and waits for nothing.
    mutating func forget(_ cookie: SocketCookie, at now: Instant, _ actions: inout [Action]) {
        while let entry = sockets.removeOne(of: cookie) { dereference(entry, at: now, &actions) }
        if !waiting.isEmpty { forgetWaiting(cookie, at: now, &actions) }
        scheduleStopFollowing(at: now)
    }

    private mutating func dereference(
        _ entry: SocketTable.Entry, at now: Instant, _ actions: inout [Action]
    ) {
        if entry.record != SocketTable.Entry.noRecord { eraseRecord(entry.record, &actions) }
        let slot = Int(entry.slot)
        usage?.leave(entry.user, addresses[slot].type, slot: entry.slot)
        addresses[slot].references -= 1
        lingerIfUnused(slot, at: now, &actions)
    }

    private mutating func forgetWaiting(
        _ cookie: SocketCookie, at now: Instant, _ actions: inout [Action]
    ) {
        for waited in waiting where waited.request.requester?.cookie == cookie {
            actions.append(.answer(waited.request.id, .refused(.socketDestroyed)))
            cancel(waited.request.id, at: now, &actions)
        }
    }

    func keeps(_ cookie: SocketCookie, _ slot: Int) -> Bool { recordNumber(cookie, slot) != nil }

    /// The number of the record, or `noRecord`, of a socket that keeps the address; nil if it does not.
    private func recordNumber(_ cookie: SocketCookie, _ slot: Int) -> SocketRecord.Number? {
        var number: SocketRecord.Number?
        sockets.forEachSlot(of: cookie) { entry in
            if entry.slot == slot { number = entry.record }
            return number == nil
        }
        return number
    }

    // MARK: Records

    mutating func eraseRecord(_ number: SocketRecord.Number, _ actions: inout [Action]) {
        recordNumbers.giveBack(number)
        actions.append(.eraseRecord(number))
    }

    /// A promise that cannot be recorded is not made: it would not outlive the daemon.
    mutating func takeBack(
        _ request: RequestID, _ record: SocketRecord, _ errno: Int32, at now: Instant,
        _ actions: inout [Action]
    ) {
        actions.append(.answer(request, .refused(.kernel(errno))))
        guard let slot = addresses.slot(of: record.address) else { return }
        if let requester = record.requester {
            guard let entry = sockets.remove(requester.cookie, slot: UInt32(slot)) else { return }
            dereference(entry, at: now, &actions)
            scheduleStopFollowing(at: now)
        } else {
            endHold(slot, &actions)
            lingerIfUnused(slot, at: now, &actions)
        }
    }

    /// The administrator does not keep the address any more.
    mutating func endHold(_ slot: Int, _ actions: inout [Action]) {
        addresses[slot].isInitial = false
        addresses[slot].isHeld = false
        guard let number = addresses[slot].holdRecord else { return }
        addresses[slot].holdRecord = nil
        eraseRecord(number, &actions)
    }

    // MARK: Following socket deaths, which every socket on the host pays for

    mutating func followSocketDeaths(_ actions: inout [Action]) {
        guard !isFollowingSocketDeaths else { return }
        isFollowingSocketDeaths = true
        actions.append(.followSocketDeaths)
    }

    mutating func scheduleStopFollowing(at now: Instant) {
        guard isFollowingSocketDeaths, !willStopFollowing, nobodyToFollow else { return }
        willStopFollowing = true
        agenda.add(.stopFollowing, due: now + Self.followingAfterLast)
    }

    mutating func stopFollowingIfIdle(at now: Instant, _ actions: inout [Action]) {
        willStopFollowing = false
        guard isFollowingSocketDeaths, nobodyToFollow else { return }
        isFollowingSocketDeaths = false
        actions.append(.stopFollowingSocketDeaths)
    }

    private var nobodyToFollow: Bool { sockets.count == 0 && waiting.isEmpty }
}
