import Mobility

// The daemon's part: it tells the rules, and performs what they decide, in the order of the real one. What
// the actions bring about is decided while they are performed, and performed after them.

extension History {
    /// So many actions follow from one event in no history that ends.
    private static let mostActions = 20_000

    mutating func tell(_ event: Event) {
        guard isAlive, breach == nil else { return }
        note("  event   \(event)")
        madeAgain = nil
        rules.handle(event, at: now, &decided)
        perform()
    }

    mutating func perform() {
        if isPerforming { return }
        isPerforming = true
        var count = 0
        var batch: [Action] = []
        while !decided.isEmpty {
            swap(&decided, &batch)
            for action in batch where isAlive && breach == nil {
                if isKilled() { break }
                note("  action  \(action)")
                perform(action)
            }
            count += batch.count
            if count > Self.mostActions { broken("promise 5: one event led to \(count) actions") }
            batch.removeAll(keepingCapacity: true)
            if !isAlive || breach != nil { decided.removeAll(keepingCapacity: true) }
        }
        isPerforming = false
    }

    /// kill -9 between two actions: what was decided and not done is never done.
    private mutating func isKilled() -> Bool {
        guard let left = actionsLeft else { return false }
        actionsLeft = left - 1
        guard left <= 0 else { return false }
        tally.count(isStarting ? .killsWhileStarting : .killsInTheMiddle)
        die()
        return true
    }

    private mutating func perform(_ action: Action) {
        switch action {
        case .answer(let id, let answer): deliver(answer, to: id)
        case .keepRecord(let number, let record, let id): keep(number, record, for: id)
        case .eraseRecord(let number): erase(number)
        case .addAddress(let plan): add(plan)
        case .restoreAddress(let plan): restore(plan)
        case .removeAddress(let address, let index): remove(address, on: index)
        case .removeIfOurs(let address, let index): removeIfOurs(address, on: index)
        case .listAddresses: listAddresses()
        case .followSocketDeaths: sockets.followDeaths(isDeaf: !isPeaceful && dice.once(in: 16))
        case .stopFollowingSocketDeaths: sockets.stopFollowingDeaths()
        case .findSockets(let prefix): listSockets(in: prefix)
        case .findHolders: findHolders(of: rules.suspects)
        case .addRouting(let piece): add(piece)
        case .removeRouting(let piece): remove(piece)
        case .setRouter(let uplink, let router): kernel.setRouter(router, of: uplink)
        case .keepNetwork: break
        // There is nobody who would answer.
        case .network(.solicitRouters): break
        case .network(let action): broken("no source of the histories is asked, but \(action)")
        case .probeRouter, .forgetNeighbour, .abortSockets:
            broken("no router of the histories moves, but \(action)")
        case .measureTraffic, .announce: break
        case .report(let report): count(report)
        }
    }

    // MARK: Answers and records

    private mutating func deliver(_ answer: Answer, to id: RequestID) {
        if withheld == id {
            withheld = nil
            return
        }
        checkAnswered(id, answer)
    }

    private mutating func keep(
        _ number: SocketRecord.Number, _ record: SocketRecord, for id: RequestID
    ) {
        guard number < FakeRecords.most else {
            broken("records: number \(number) is far off")
            return
        }
        if let other = records[number], !other.isOfSame(record) {
            broken("records: number \(number) is given out twice")
        }
        if records.isFull {
            tally.count(.recordsRefused)
            withheld = id
            records.refuse(number)
            tell(.recordRefused(id, record, errno: Errno.noSpace))
            return
        }
        tally.count(.recordsKept)
        records.keep(number, record)
    }

    private mutating func erase(_ number: SocketRecord.Number) {
        tally.count(.recordsErased)
        if !records.erase(number) { broken("records: number \(number) is erased, which is not in use") }
    }

    // MARK: Addresses

    private mutating func add(_ plan: PlannedAddress) {
        // Of the last attempt nobody wants to know any more.
        late.removeAll { $0.address == plan.address }
        if !isPeaceful, dice.once(in: 16) {
            tellNotAdded(.addressRefused(plan.address, Errno.notPermitted))
            return
        }
        beginAnew(.address(plan.address))
        lostToNeighbours.removeAll { $0 == plan.address }
        let outcome = kernel.add(plan, replaces: false)
        if case .addressTaken = outcome { tellNotAdded(outcome) } else { tellAdded(outcome) }
    }

    /// Nothing is there that could change meanwhile, so it may be told later.
    private mutating func tellNotAdded(_ outcome: Event) {
        if !isPeaceful, dice.once(in: 4) { late.append(outcome) } else { tellAdded(outcome) }
    }

    mutating func tellLate() {
        while !late.isEmpty { tellAdded(late.removeFirst()) }
    }

    private mutating func restore(_ plan: PlannedAddress) {
        refusedBack.removeAll { $0 == plan.address }
        if !isPeaceful, dice.once(in: 16) {
            tally.count(.addressesRefused)
            refusedBack.append(plan.address)
            tell(.addressRefused(plan.address, Errno.notPermitted))
            return
        }
        let outcome = kernel.add(plan, replaces: true)
        if case .addressRefused = outcome {
            refusedBack.append(plan.address)
        } else if let place = fought.firstIndex(where: { $0.address == plan.address }) {
            // What went with an interface may be put back as often as that happens; and who has not heard of its end
            // only means to change it.
            if let heardAt = fought.swapOut(place).heardAt {
                checkPutBack(.address(plan.address), heardAt: heardAt)
            }
        }
        tellAdded(outcome)
    }

    /// What is made or removed on purpose is fought for anew.
    private mutating func beginAnew(_ thing: OwnThing) {
        givenUp.removeAll { $0 == thing }
        putBacks.removeAll { $0.thing == thing }
        fought = fought.filter { .address($0.address) != thing }
    }

    private mutating func tellAdded(_ outcome: Event) {
        switch outcome {
        case .addressTaken: tally.count(.addressesTaken)
        case .addressRefused: tally.count(.addressesRefused)
        default: tally.count(.addressesAdded)
        }
        tell(outcome)
    }

    private mutating func remove(_ address: IPv6Address, on index: UInt32) {
        checkRemoval(of: address, on: index)
        tally.count(.addressesRemoved)
        // Afterwards there is news of the removal itself.
        let hasNews = kernel.hasNews(of: address)
        if let removed = kernel.remove(address, on: index), removed.type == nil, !hasNews {
            broken("promise 3: \(address) was removed, which was not ours")
        }
        tell(.addressRemoved(address))
    }

    private mutating func removeIfOurs(_ address: IPv6Address, on index: UInt32) {
        guard let place = kernel.place(of: address, on: index), kernel.addresses[place].type != nil else {
            return
        }
        if let socket = user(of: address), records.contains(socket.cookie, address) {
            broken("promise 1: \(address) is let go while socket \(socket.cookie) has it")
        }
        tally.count(.addressesRemoved)
        _ = kernel.remove(address, on: index)
    }

    /// With an interface its routing is made again, also what was given up. That is no quarrel, and not reported as one.
    private mutating func add(_ piece: OwnRouting) {
        madeAgain = givenUp.contains(.routing(piece)) ? piece : nil
        givenUp.removeAll { $0 == .routing(piece) }
        kernel.add(piece)
    }

    private mutating func remove(_ piece: OwnRouting) {
        checkRemoval(of: piece)
        beginAnew(.routing(piece))
        _ = kernel.remove(piece)
    }

    private mutating func count(_ report: Report) {
        switch report {
        case .putBack(let thing):
            tally.count(.putBacks)
            if case .routing(let piece) = thing {
                if madeAgain == piece { givenUp.append(thing) }
                checkPutBack(thing, heardAt: now)
            }
        case .gaveUp(let thing):
            tally.count(.givenUp)
            givenUp.append(thing)
        case .letGo: tally.count(.letGo)
        case .lostToNeighbour(let address): lostToNeighbours.append(address)
        case .sourceIsSilent, .prefixOverlaps, .prefixWithdrawn:
            broken("no source of the histories gives prefixes, but \(report)")
        }
    }

    // MARK: Sockets

    /// Lists the sockets that are bound in a prefix. The list may end early, and be known to have done so.
    private mutating func listSockets(in prefix: IPv6Prefix) {
        tally.count(.listings)
        if !isPeaceful, dice.once(in: 12) {
            tally.count(.failedListings)
            tell(.socketsUnknown(prefix))
            return
        }
        let isInterrupted = !isPeaceful && dice.once(in: 12)
        for place in sockets.open {
            let socket = sockets.all[place]
            guard socket.isListed, let bound = socket.bound, prefix.contains(bound) else { continue }
            if isInterrupted, dice.once(in: 2) { continue }
            tell(
                .socketFound(
                    FoundSocket(
                        cookie: socket.cookie, address: bound, transport: 6, user: socket.user,
                        isDeathAnnounced: socket.isAnnounced)))
        }
        for (address, end) in sockets.timeWaits where prefix.contains(address) && end > now {
            tell(.timeWaitFound(address, left: end.since(now)))
        }
        if isInterrupted { tally.count(.interruptedListings) }
        tell(isInterrupted ? .socketsUnknown(prefix) : .socketsListed(prefix))
    }

    private mutating func findHolders(of suspects: [Suspect]) {
        tally.count(.holderSearches)
        for suspect in suspects {
            guard let isHeld = sockets.isHeld(suspect) else { continue }
            tell(isHeld ? .socketHeld(suspect.cookie) : .socketGone(suspect.cookie))
        }
    }
}
