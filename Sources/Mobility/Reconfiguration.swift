// A new configuration, at the start or later. Addresses in use stay, whatever it says.

extension Rules {
    /// Puts a new configuration in force. What it no longer offers goes as if it had been released; what
    /// lingers does so no longer than it says.
    public mutating func reconfigure(_ new: Configuration, at now: Instant, _ actions: inout [Action]) {
        let former = configuration.sources
        adopt(new)
        carryOverQuestions(of: former, at: now, &actions)
        applyLingerPolicy(at: now)
        limitUseOfAll(at: now)
        endInitialPauses()
        for slot in addresses.indices where addresses.isOccupied(slot) && !isStillGiven(addresses[slot]) {
            release(addresses[slot].address, at: now, &actions)
        }
        chooseUplinks(&actions)
        for pool in pools.indices where pools[pool].addressCount > 0 { routePackets(of: pool, &actions) }
        endIdleLeases(at: now, &actions)
        solicitRouters(on: uplinks.indices, &actions)
        settle(at: now, &actions)
        askForSockets(&actions)
    }

    /// True if the configuration gives the type from the address's prefix.
    func isStillGiven(_ record: AddressRecord) -> Bool {
        guard let pool = record.pool, let source = pools[pool].source else { return false }
        return switch pools[pool].origin {
        case .configuration, .lease: offers[source].types.contains(record.type)
        case .advertisement: isAdvertised(record, in: pools[pool].prefix)
        }
    }

    /// Matches the pools that there are with the prefixes that there are to be.
    mutating func adopt(_ new: Configuration) {
        configuration = new
        openBooks()
        offers = new.sources.map(Offer.init)
        for pool in pools.indices { pools[pool].source = source(of: pools[pool]) }
        for (index, source) in new.sources.enumerated() {
            for prefix in source.prefixes { addPool(prefix, of: index) }
        }
        returnToPools()
        for pool in pools { if let source = pool.source { offers[source].addressCount += pool.addressCount } }
    }

    /// The source, in the configuration as it is now, of a prefix that the configuration does not name.
    func source(of pool: Pool) -> Int? {
        guard !pool.isWithdrawn else { return nil }
        switch pool.origin {
        case .configuration: return nil
        case .lease(let lease):
            return configuration.sources.firstIndex {
                $0.name == lease.source && $0.kind.isAsked && $0.types.contains(lease.type)
            }
        case .advertisement: return pool.interface.flatMap { sourceHearing(on: $0) }
        }
    }

    /// Questions follow their sources to their new places. Who would not be asked any more is not waited for.
    private mutating func carryOverQuestions(
        of former: [Source], at now: Instant, _ actions: inout [Action]
    ) {
        backoffs.removeAll()
        for index in waiting.indices { waiting[index].tried = [] }
        for index in questions.indices {
            let asked = former[questions[index].candidate.source]
            questions[index].candidate.source = place(of: questions[index], asked) ?? Candidate.nowhere
            if questions[index].candidate.source == Candidate.nowhere, asked.kind.isAsked {
                actions.append(.network(.cancel(questions[index].id)))
            }
        }
        for question in questions where question.candidate.source == Candidate.nowhere {
            takeElsewhere(question.id, .noSource, at: now, &actions)
        }
        // There may be others to be asked by now.
        for question in questions {
            for request in waiting where request.question == question.id {
                limitPatience(with: question.id, request, at: now)
            }
        }
    }

    /// Where the source that was asked is now; nil if it would be asked something else, or not at all.
    private func place(of question: Question, _ asked: Source) -> Int? {
        let place = configuration.sources.firstIndex {
            $0.name == asked.name && $0.kind == asked.kind && $0.place == asked.place
                && $0.interface == asked.interface
        }
        guard let place else { return nil }
        let candidate = Candidate(source: place, interfaceIndex: question.candidate.interfaceIndex)
        return candidates(for: question.type).contains(candidate) ? place : nil
    }

    /// Addresses of an earlier run whose prefix no source had are again in one that a source has.
    private mutating func returnToPools() {
        for slot in addresses.indices where addresses.isOccupied(slot) && addresses[slot].pool == nil {
            guard let pool = pool(around: addresses[slot].address) else { continue }
            addresses[slot].pool = pool
            pools[pool].add(addresses[slot].address, addresses[slot].type, onNet: addresses[slot].isOnNet)
        }
    }

    private mutating func addPool(_ prefix: IPv6Prefix, of source: Int) {
        let (place, interface) = (offers[source].place, offers[source].interface)
        if let known = pools.firstIndex(where: { $0.prefix == prefix && $0.origin == .configuration }) {
            pools[known].source = source
            pools[known].place = place
            pools[known].interface = interface
        } else {
            add(Pool(prefix: prefix, source: source, place: place, interface: interface))
        }
    }

    /// Adds a pool, in the place of one of which nothing is left if there is one, and returns its place.
    @discardableResult
    mutating func add(_ pool: Pool) -> Int {
        if let vacant = pools.firstIndex(where: \.isVacant) {
            pools[vacant] = pool
            return vacant
        }
        pools.append(pool)
        return pools.count - 1
    }
}
