// An address that the host has moved away from, or whose prefix the network has taken back, comes to its end: no new socket
// gets it, those who have it are told, and after the grace time it goes. Only then sockets lose an address that they were
// given, because it does not work any more: they are ended as well, or they would hang for a quarter of an hour (`OnLoss=`).

/// How an address comes to its end.
struct Farewell: Equatable {
    /// When it ends; nil if it stays until its last socket is closed.
    var end: Instant?
    /// What new sockets get instead.
    var replacement: IPv6Address?
    /// It ends as soon as it is known what comes instead.
    var isImmediate = false
    /// It has ended: only sockets that nobody could end are left of it.
    var isOver = false
}

extension Rules {
    /// Nothing works any more on what ends at once; it waits no longer than this for what comes instead.
    static let replacementPatience: Duration = .seconds(1)
    /// The kernel takes the address away itself so much later than the daemon would, which may not be there.
    static let kernelLag: Duration = .seconds(10)
    /// A replacement is kept for those who are told of it, at least so long.
    static let replacementLinger: Duration = .seconds(10)

    /// Begins the end of addresses, and sees to others in their stead.
    mutating func supersede(_ slots: [Int], at now: Instant, _ actions: inout [Action]) {
        var waiters: [WaitingRequest] = []
        for slot in slots where addresses.isOccupied(slot) {
            waiters += takeWaiting(forAddress: slot)
            bidFarewell(to: slot, at: now, &actions)
        }
        for waiter in waiters { resume(waiter, at: now, &actions) }
        for slot in slots where addresses.isOccupied(slot) { replace(slot, at: now, &actions) }
    }

    private mutating func bidFarewell(to slot: Int, at now: Instant, _ actions: inout [Action]) {
        let record = addresses[slot]
        guard record.state != .removing, record.farewell == nil, !record.isLost else { return }
        guard record.isUsed else { return release(record.address, at: now, &actions) }
        let policy = configuration.types[record.type]
        withdraw(slot)
        addresses[slot].isLeaving = true
        var farewell = Farewell(isImmediate: record.type == .nonPersistent && policy.onLoss == .abort)
        if policy.onLoss == .abort {
            farewell.end = (farewell.isImmediate ? Self.replacementPatience : policy.grace).map { now + $0 }
        }
        addresses[slot].farewell = farewell
        if let end = farewell.end { agenda.add(.farewell(slot: slot), due: end) }
        guard !farewell.isImmediate else { return }
        setLifetime(of: slot, &actions)
        announce(.deprecated, slot, &actions)
    }

    /// Has the kernel know when the address ends, so that it does also without us, and so that we know after a restart.
    private func setLifetime(of slot: Int, _ actions: inout [Action]) {
        let record = addresses[slot]
        guard record.interfaceIndex != nil, !record.isOthers, !record.isMissing else { return }
        actions.append(.restoreAddress(plan(for: record)))
    }

    private func announce(_ change: AddressEvent.Change, _ slot: Int, _ actions: inout [Action]) {
        actions.append(.announce(event(change, addresses[slot])))
    }

    private func event(_ change: AddressEvent.Change, _ record: AddressRecord) -> AddressEvent {
        AddressEvent(
            change, of: record.address, type: record.type, replacement: record.farewell?.replacement,
            end: record.farewell?.end)
    }

    /// What a socket should know of the address that it was given last; nil if nothing has become of that.
    public func addressEvent(forSocket cookie: SocketCookie) -> AddressEvent? {
        guard let slot = latestSlot(of: cookie), let farewell = addresses[slot].farewell else { return nil }
        if farewell.isOver { return event(.removed, addresses[slot]) }
        return event(farewell.replacement == nil ? .deprecated : .replaced, addresses[slot])
    }

    // MARK: The end, or not

    /// Called when the agenda looks at the end; `due` tells an entry that holds from one that is out of date.
    mutating func farewellIsDue(_ slot: Int, _ due: Instant, at now: Instant, _ actions: inout [Action]) {
        guard addresses.isOccupied(slot), let farewell = addresses[slot].farewell, farewell.end == due
        else { return }
        end(slot, at: now, &actions)
    }

    /// The address goes now, and with it the sockets that the kernel can end. Others keep what is left of it in our
    /// books until they are closed.
    private mutating func end(_ slot: Int, at now: Instant, _ actions: inout [Action]) {
        guard let farewell = addresses[slot].farewell, !farewell.isOver else { return }
        addresses[slot].farewell?.end = now
        addresses[slot].farewell?.isOver = true
        let record = addresses[slot]
        announce(.removed, slot, &actions)
        actions.append(.abortSockets(record.address, only: record.isOthers ? grantees(of: slot) : nil))
        if let index = record.interfaceIndex, !record.isOthers, !record.isMissing {
            actions.append(.removeIfOurs(record.address, interfaceIndex: index))
        }
        endHold(slot, &actions)
        abandon(slot, .noNetwork, at: now, &actions)
        addresses[slot].isMissing = true
        lingerIfUnused(slot, at: now, &actions)
    }

    /// Programs that do not use odmd have sockets on an address of the kernel's as well: these are left alone.
    private func grantees(of slot: Int) -> [SocketCookie] {
        var cookies: [SocketCookie] = []
        sockets.visit { entry in
            if entry.slot == slot, entry.record != SocketTable.Entry.noRecord { cookies.append(entry.cookie) }
        }
        return cookies.sorted()
    }

    /// The host is back on the network of the address before that has ended: it is as good as ever.
    mutating func revoke(farewellOf slot: Int, _ actions: inout [Action]) {
        guard let farewell = addresses[slot].farewell, !farewell.isOver, addresses[slot].state != .removing
        else { return }
        addresses[slot].farewell = nil
        addresses[slot].isLeaving = false
        setLifetime(of: slot, &actions)
        announce(.restored, slot, &actions)
        offer(slot)
    }

    /// An address of an earlier run was coming to its end.
    mutating func resumeFarewell(to slot: Int, validUntil: Instant) {
        let end = validUntil - Self.kernelLag
        addresses[slot].isLeaving = true
        addresses[slot].farewell = Farewell(end: end)
        agenda.add(.farewell(slot: slot), due: end)
    }

    // MARK: What comes instead

    /// Asks for an address in the place of one that is in use, for those who will be told of it: not if each socket has
    /// its own.
    private mutating func replace(_ slot: Int, at now: Instant, _ actions: inout [Action]) {
        let record = addresses[slot]
        guard let farewell = record.farewell, !farewell.isOver, farewell.replacement == nil else { return }
        if record.isShareable {
            let replacement = Replacement(owner: record.owner)
            let isAsked = waiting.contains {
                $0.request.type == record.type && $0.request.replacement == replacement
            }
            guard !isAsked else { return }
            replacementCount += 1
            let request = AddressRequest(
                id: RequestID(.max - replacementCount), type: record.type, replacement: replacement)
            resume(
                WaitingRequest(request, deadline: now + configuration.requestTimeout), at: now, &actions)
        } else if farewell.isImmediate {
            end(slot, at: now, &actions)
        }
    }

    /// What became of the request for a replacement.
    ///
    /// - Parameter slot: of the new address; nil if there is none.
    mutating func conclude(
        _ replacement: Replacement, _ type: ContinuityType, with slot: Int?, at now: Instant,
        _ actions: inout [Action]
    ) {
        let new = slot.map { addresses[$0].address }
        for old in addresses.indices where addresses.isOccupied(old) && old != slot {
            let record = addresses[old]
            guard record.type == type, record.isShareable, record.owner == replacement.owner,
                let farewell = record.farewell, !farewell.isOver, farewell.replacement == nil
            else { continue }
            if let new {
                addresses[old].farewell?.replacement = new
                if farewell.isImmediate { addresses[old].farewell?.end = now }
                announce(.replaced, old, &actions)
            }
            if farewell.isImmediate { end(old, at: now, &actions) }
        }
        if let slot { keepForTakers(slot, at: now) }
    }

    private mutating func keepForTakers(_ slot: Int, at now: Instant) {
        guard !addresses[slot].isUsed, addresses[slot].state == .active || addresses[slot].state == .lingering
        else { return }
        addresses[slot].state = .lingering
        let type = addresses[slot].type
        guard let linger = configuration.types[type].linger else { return }
        let grace = type == .nonPersistent ? nil : configuration.types[type].grace
        self.linger(slot, until: now + max(linger, grace ?? .zero, Self.replacementLinger))
    }
}

/// A request of the rules themselves, for those whose address comes to its end.
struct Replacement: Equatable, Sendable {
    var owner: AddressOwner?
}

extension AddressRecord {
    /// Other sockets may have it as well.
    fileprivate var isShareable: Bool { !isOnNet && owner.isShared }
}
