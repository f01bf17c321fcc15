// Which sockets keep an address, and how long the kernel is asked to tell of their deaths.

extension Rules {
    /// Makes an address kept by a socket until the socket is destroyed.
    mutating func refer(_ requester: Requester, to slot: Int, at now: Instant, _ actions: inout [Action]) {
        if keeps(requester.cookie, slot) {
            sockets.markLatest(requester.cookie, slot: UInt32(slot))
            return
        }
        followSocketDeaths(&actions)
        sockets.insert(
            SocketTable.Entry(
                cookie: requester.cookie, slot: UInt32(slot), user: requester.user,
                process: requester.process,
                transport: requester.transport, isLatest: true))
        addresses[slot].references += 1
    }

    /// A socket that was found bound to an address keeps it, whoever gave it the address.
    mutating func count(_ found: FoundSocket) {
        sockets.change(found.cookie) { $0.isDoubtful = false }
        guard let slot = addresses.slot(of: found.address), !keeps(found.cookie, slot) else { return }
        sockets.insert(
            SocketTable.Entry(
                cookie: found.cookie, slot: UInt32(slot), user: found.user, transport: found.transport))
        addresses[slot].references += 1
        addresses[slot].isBeingChecked = false
        if addresses[slot].state == .lingering {
            addresses[slot].state = .active
            addresses[slot].lingerEnd = nil
        }
    }

    /// A destroyed socket keeps nothing and waits for nothing.
    mutating func forget(_ cookie: SocketCookie, at now: Instant, _ actions: inout [Action]) {
        while let entry = sockets.removeOne(of: cookie) {
            let slot = Int(entry.slot)
            addresses[slot].references -= 1
            lingerIfUnused(slot, at: now, &actions)
        }
        if !waiting.isEmpty { forgetWaiting(cookie, at: now, &actions) }
        scheduleStopFollowing(at: now)
    }

    private mutating func forgetWaiting(
        _ cookie: SocketCookie, at now: Instant, _ actions: inout [Action]
    ) {
        for waited in waiting where waited.request.requester?.cookie == cookie {
            actions.append(.answer(waited.request.id, .refused(.socketDestroyed)))
            cancel(waited.request.id, at: now, &actions)
        }
    }

    private func keeps(_ cookie: SocketCookie, _ slot: Int) -> Bool {
        var keeps = false
        sockets.forEachSlot(of: cookie) { entry in
            keeps = entry.slot == slot
            return !keeps
        }
        return keeps
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
