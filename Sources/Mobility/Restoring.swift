// Somebody else takes away or changes what is ours, or the kernel does, together with an interface.
//
// What is in use is put back. Who takes it away again and again means it, and wins: after some times odmd stops.
// What nobody uses is let go.

extension Rules {
    // MARK: Addresses

    /// Somebody took the address away.
    mutating func lose(_ address: IPv6Address, at now: Instant, _ actions: inout [Action]) {
        guard let slot = addresses.slot(of: address), !addresses[slot].isMissing, !addresses[slot].isOthers
        else { return }
        let interfaceIndex = addresses[slot].interfaceIndex
        missing(slot, isPeace: interfaceIndex.map { !uplinks.isUp($0) } ?? false, at: now, &actions)
    }

    /// Has all addresses told, those that others made as well.
    mutating func listAddresses(_ actions: inout [Action]) {
        autoconfigured.expectList()
        actions.append(.listAddresses)
    }

    mutating func list(_ address: IPv6Address) {
        if let slot = addresses.slot(of: address) { addresses[slot].isListed = true }
    }

    /// Addresses that are ours and that the kernel does not list were taken away unseen.
    mutating func loseUnlisted(at now: Instant, _ actions: inout [Action]) {
        for slot in addresses.indices where addresses.isOccupied(slot) {
            let isListed = addresses[slot].isListed
            addresses[slot].isListed = false
            if isListed || addresses[slot].interfaceIndex == nil { continue }
            lose(addresses[slot].address, at: now, &actions)
        }
        for gone in autoconfigured.sweep() {
            autoconfiguredGone(gone.address, on: gone.interfaceIndex, at: now, &actions)
        }
        for index in listeningInterfaces { answerQuestions(on: index, at: now, &actions) }
    }

    /// Somebody replaced the address by one that does not carry our mark: after a restart it would not be ours.
    mutating func overwritten(
        _ address: IPv6Address, on interfaceIndex: UInt32, at now: Instant, _ actions: inout [Action]
    ) {
        guard let slot = addresses.slot(of: address), addresses[slot].interfaceIndex == interfaceIndex,
            !addresses[slot].isMissing, !addresses[slot].isOthers
        else { return }
        missing(slot, isPeace: false, at: now, &actions)
    }

    /// - Parameter isPeace: the interface went down, which is nobody's quarrel with us.
    private mutating func missing(_ slot: Int, isPeace: Bool, at now: Instant, _ actions: inout [Action]) {
        switch addresses[slot].state {
        case .acquiring, .removing: break
        case .configuring where !addresses[slot].isUsed:
            refuseWaiting(for: slot, .noNetwork, at: now, &actions)
            letGo(slot, at: now, &actions)
        case .lingering:
            // Somebody may have bound to it by hand.
            addresses[slot].isMissing = true
            check(slot)
        case .configuring, .active:
            addresses[slot].isMissing = true
            putBack(slot, isPeace: isPeace, at: now, &actions)
        }
    }

    /// Puts an address back that turns out to be in use, unless that is going on, or was given up.
    mutating func putBackIfMissing(_ slot: Int, at now: Instant, _ actions: inout [Action]) {
        let record = addresses[slot]
        guard record.isMissing, !record.isRestoring, record.isOffered, !record.isOthers else { return }
        putBack(slot, at: now, &actions)
    }

    /// Puts an address back that is missing, unless that was done too often.
    mutating func putBack(
        _ slot: Int, isPeace: Bool = false, at now: Instant, _ actions: inout [Action]
    ) {
        addresses[slot].isBeingChecked = false
        addresses[slot].lingerEnd = nil
        addresses[slot].state = .configuring
        switch isPeace ? .putBack : strike(.address(addresses[slot].address), at: now) {
        case .putBack: restore(slot, &actions)
        case .putBackAt(let due): restore(slot, due: due)
        case .giveUp:
            actions.append(.report(.gaveUp(.address(addresses[slot].address))))
            abandon(slot, .noNetwork, at: now, &actions)
            lingerIfUnused(slot, at: now, &actions)
        }
    }

    private mutating func restore(_ slot: Int, due: Instant) {
        guard addresses[slot].restoringDue != due else { return }
        addresses[slot].restoringDue = due
        agenda.add(.restoring(slot: slot), due: due)
    }

    private mutating func restore(_ slot: Int, _ actions: inout [Action]) {
        addresses[slot].isRestoring = true
        addresses[slot].restoringDue = nil
        actions.append(.restoreAddress(plan(for: addresses[slot])))
    }

    /// The kernel has the address again; whether it can be bound is another question.
    mutating func concludeRestoring(_ slot: Int, _ actions: inout [Action]) {
        addresses[slot].isRestoring = false
        guard addresses[slot].isMissing else { return }
        addresses[slot].isMissing = false
        addresses[slot].restoringDue = nil
        actions.append(.report(.putBack(.address(addresses[slot].address))))
    }

    /// The kernel did not take the address back; perhaps it does later, or when the interface is there again.
    mutating func postponeRestoring(_ slot: Int, at now: Instant) {
        guard let index = addresses[slot].interfaceIndex, uplinks.name(of: index) != nil else { return }
        restore(slot, due: now + Self.lookAgainAfter)
    }

    mutating func restoreAgain(_ slot: Int, due: Instant, _ actions: inout [Action]) {
        guard addresses.isOccupied(slot), addresses[slot].restoringDue == due else { return }
        addresses[slot].restoringDue = nil
        guard addresses[slot].state == .configuring, addresses[slot].isMissing, !addresses[slot].isRestoring
        else { return }
        restore(slot, &actions)
    }

    /// The interface of an address is gone, and the address with it.
    mutating func loseInterface(_ slot: Int, at now: Instant, _ actions: inout [Action]) {
        if addresses[slot].isOthers, let index = addresses[slot].interfaceIndex {
            autoconfiguredGone(addresses[slot].address, on: index, at: now, &actions)
            return
        }
        addresses[slot].isMissing = true
        withdraw(slot)
        refuseWaiting(for: slot, .noNetwork, at: now, &actions)
        switch addresses[slot].state {
        case .acquiring, .removing: break
        case .configuring where !addresses[slot].isUsed: forget(addresses[slot].address, at: now, &actions)
        case .configuring: break
        case .active where addresses[slot].isUsed:
            // One that was given up stays so, with those who have it.
            if !addresses[slot].isLost { addresses[slot].state = .configuring }
        case .active, .lingering: release(addresses[slot].address, at: now, &actions)
        }
    }

    /// An interface is there: addresses in use that went with one of its name come back on it.
    mutating func returnToInterface(_ index: UInt32, at now: Instant, _ actions: inout [Action]) {
        for slot in addresses.indices where addresses.isOccupied(slot) {
            let record = addresses[slot]
            guard record.isMissing, record.isUsed, record.state == .configuring,
                let old = record.interfaceIndex, uplinks.name(of: old) == nil,
                let pool = record.pool, pools[pool].source != nil,
                uplinks.place(for: pools[pool])?.interfaceIndex == index
            else { continue }
            addresses[slot].interfaceIndex = index
            putBack(slot, isPeace: true, at: now, &actions)
            if record.isOffered { offer(slot) }
        }
    }

    /// Sockets have an address that does not work and will not: nobody new gets it, and it goes with the last.
    mutating func abandon(
        _ slot: Int, _ refusal: Refusal, at now: Instant, _ actions: inout [Action]
    ) {
        withdraw(slot)
        refuseWaiting(for: slot, refusal, at: now, &actions)
        addresses[slot].isLeaving = true
        addresses[slot].isLost = true
        addresses[slot].state = .active
    }

    private mutating func strike(_ thing: OwnThing, at now: Instant) -> Fight.Response {
        fights[thing, default: Fight()].strike(at: now)
    }

    /// What goes by our own will is taken away by nobody.
    mutating func endFight(over thing: OwnThing) {
        if !fights.isEmpty { fights[thing] = nil }
    }

    // MARK: Routing

    /// Puts routing back that is wanted, unless that was done too often, or its interface is down: then it is made
    /// when the interface is up.
    mutating func lose(_ routing: OwnRouting, at now: Instant, _ actions: inout [Action]) {
        guard isWanted(routing), isUp(routing) else { return }
        switch strike(.routing(routing), at: now) {
        case .putBack: putBack(routing, &actions)
        case .putBackAt(let due): putBack(routing, due: due)
        case .giveUp: actions.append(.report(.gaveUp(.routing(routing))))
        }
    }

    private mutating func putBack(_ routing: OwnRouting, due: Instant) {
        guard fights[.routing(routing)]?.putBackDue != due else { return }
        fights[.routing(routing)]?.putBackDue = due
        agenda.add(.routing(routing), due: due)
    }

    mutating func putBackAfterPause(_ routing: OwnRouting, due: Instant, _ actions: inout [Action]) {
        guard fights[.routing(routing)]?.putBackDue == due else { return }
        fights[.routing(routing)]?.putBackDue = nil
        putBack(routing, &actions)
    }

    /// Routing is made again for another reason than that it was taken away.
    mutating func makeAgain(_ routing: OwnRouting, _ actions: inout [Action]) {
        if !fights.isEmpty { fights[.routing(routing)]?.putBackDue = nil }
        actions.append(.addRouting(routing))
    }

    private mutating func putBack(_ routing: OwnRouting, _ actions: inout [Action]) {
        guard isWanted(routing), isUp(routing) else { return }
        actions.append(.addRouting(routing))
        if case .table(let uplink) = routing, let router = uplinks.router(of: uplink) {
            actions.append(.setRouter(uplink: uplink, router))
        }
        actions.append(.report(.putBack(.routing(routing))))
    }

    private func isUp(_ routing: OwnRouting) -> Bool {
        switch routing {
        case .rule, .mainRule: true
        case .table(let uplink), .linkRoute(_, let uplink): uplinks.isUp(uplink)
        case .localRoute: uplinks.isUp(Uplinks.loopbackIndex)
        }
    }
}
