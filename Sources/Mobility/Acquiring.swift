// How an address comes to be: a source gives a prefix, the rules choose an address in it, the kernel takes it.

extension Rules {
    /// Takes a request to the first source that can give an address, or that can be asked for a prefix and has not
    /// been for this request.
    mutating func acquire(_ waiting: WaitingRequest, at now: Instant, _ actions: inout [Action]) {
        var waiting = waiting
        for source in offers.indices where mayGive(source, waiting.request.type) {
            guard !offers[source].uplinks.isEmpty else {
                if take(&waiting, to: Candidate(source: source), at: now, &actions) { return }
                continue
            }
            let running = uplinks.running(matching: offers[source].uplinks)
            if running.isEmpty { waiting.refusal = .noNetwork }
            for index in running {
                let candidate = Candidate(source: source, interfaceIndex: index)
                if take(&waiting, to: candidate, at: now, &actions) { return }
            }
        }
        if !takeDetour(&waiting, at: now, &actions) {
            refuse(waiting.request, waiting.refusal, at: now, &actions)
        }
    }

    /// - Returns: false if nothing can be had there; `waiting` then says why.
    private mutating func take(
        _ waiting: inout WaitingRequest, to candidate: Candidate, at now: Instant, _ actions: inout [Action]
    ) -> Bool {
        switch plan(for: waiting.request, from: candidate) {
        case .address(let record): begin(record, for: waiting, at: now, &actions)
        case .failure(let refusal):
            waiting.refusal = refusal
            return false
        case .question: return ask(candidate, for: &waiting, at: now, &actions)
        }
        return true
    }

    /// How an address comes from a candidate.
    enum Plan {
        case address(AddressRecord)
        /// Not before somebody has been asked.
        case question
        case failure(Refusal)
    }

    mutating func plan(for request: AddressRequest, from candidate: Candidate) -> Plan {
        let offer = offers[candidate.source]
        guard offer.hasRoom else { return .failure(.exhausted) }
        switch offer.kind {
        case .static: return planFromStaticPrefixes(for: request, from: candidate.source)
        case .routerAdvertisement: return planFromAdvertisements(for: request, from: candidate)
        case .dhcpv6, .helper:
            if !request.onNet, let record = addressOfLease(for: request, from: candidate) {
                return .address(record)
            }
            return .question
        }
    }

    private mutating func planFromStaticPrefixes(for request: AddressRequest, from source: Int) -> Plan {
        guard uplinks.hasPlace(for: offers[source]) else {
            return .failure(.noNetwork)
        }
        for pool in pools.indices where pools[pool].source == source {
            if let record = newAddress(for: request, in: pool) { return .address(record) }
        }
        return .failure(.exhausted)
    }

    /// An address for a request that nobody has, from a pool that has one and whose interface is there.
    mutating func newAddress(for request: AddressRequest, in pool: Int) -> AddressRecord? {
        let owner = owner(for: request)
        guard let place = uplinks.place(for: pools[pool]),
            let subnet = pools[pool].subnet(for: request.type, onNet: request.onNet),
            let address = freeAddress(in: subnet, for: request.type, owner)
        else { return nil }
        return AddressRecord(
            address: address, type: request.type, interfaceIndex: place.interfaceIndex, owner: owner,
            pool: pool, state: .acquiring, isOnNet: request.onNet)
    }

    /// Whom an address for the request is reserved for; nil if the type's sockets share it.
    func owner(for request: AddressRequest) -> AddressOwner? {
        if let replacement = request.replacement { return replacement.owner }
        guard let requester = request.requester else { return nil }
        switch configuration.types[request.type].share {
        case .host: return nil
        case .user: return .user(requester.user)
        case .socket: return .socket(cookie: requester.cookie)
        }
    }

    // MARK: Choosing an address

    private mutating func freeAddress(
        in subnet: IPv6Prefix, for type: ContinuityType, _ owner: AddressOwner?
    ) -> IPv6Address? {
        switch type {
        case .fixed: freeStableAddress(in: subnet, owner)
        case .sessionLasting, .nonPersistent, .gracefulReplacement: freeRandomAddress(in: subnet)
        }
    }

    /// The first address that the secret, the prefix and the owner lead to and that is free.
    private func freeStableAddress(in subnet: IPv6Prefix, _ owner: AddressOwner?) -> IPv6Address? {
        for counter in 0..<UInt64(addresses.count + 1) * 2 + 64 {
            let identifier = identifiers.stable(in: subnet, for: owner, counter: counter)
            if let address = freeAddress(in: subnet, identifier: identifier) { return address }
        }
        return nil
    }

    /// A free address that nobody can foretell. A small prefix is searched from a random start.
    private mutating func freeRandomAddress(in subnet: IPv6Prefix) -> IPv6Address? {
        let start = identifiers.random()
        for step in 0...UInt64(addresses.count + 128) {
            if let address = freeAddress(in: subnet, identifier: start &+ step) { return address }
        }
        return nil
    }

    /// The address with these low bits, if it may be used and is not.
    private func freeAddress(in subnet: IPv6Prefix, identifier: UInt64) -> IPv6Address? {
        let host = identifier & ~UInt64.leadingOnes(Int(subnet.length) - 64)
        let low = subnet.address.low | host
        guard subnet.length == 128 || (host != 0 && !InterfaceIdentifiers.isReserved(low)) else { return nil }
        let address = IPv6Address(high: subnet.address.high, low: low)
        return addresses.slot(of: address) == nil ? address : nil
    }

    // MARK: Configuring it

    mutating func begin(
        _ record: AddressRecord, for waiting: WaitingRequest, at now: Instant, _ actions: inout [Action]
    ) {
        if waiting.request.replacement == nil, !waiting.request.isInitial { begunCount += 1 }
        var record = record
        record.madeAt = now
        let slot = addresses.insert(record)
        if let pool = record.pool {
            enter(record, pool)
            routePackets(of: pool, &actions)
        }
        offer(slot)
        limitUse(of: slot, at: now)
        let isReady = record.interfaceIndex == nil || (record.isOthers && !record.isTentative)
        guard !isReady else {
            addresses[slot].state = .active
            grant(slot, to: waiting, at: now, &actions)
            return
        }
        wait(waiting, for: .address(slot: slot), &actions)
        configure(slot, &actions)
    }

    private mutating func configure(_ slot: Int, _ actions: inout [Action]) {
        addresses[slot].state = .configuring
        if addresses[slot].isOthers { return }
        let record = addresses[slot]
        let plan = plan(for: record)
        addresses[slot].isPreferred = plan.isPreferred
        actions.append(.addAddress(plan))
    }

    func plan(for record: AddressRecord) -> PlannedAddress {
        guard let interfaceIndex = record.interfaceIndex else { preconditionFailure("configured somewhere") }
        var plan = PlannedAddress(
            address: record.address, type: record.type, interfaceIndex: interfaceIndex,
            detectsDuplicates: interfaceIndex != Uplinks.loopbackIndex,
            validUntil: record.farewell?.end.map { $0 + Self.kernelLag })
        plan.isPreferred = isPreferred(record)
        return plan
    }

    mutating func becomeUsable(_ address: IPv6Address, at now: Instant, _ actions: inout [Action]) {
        guard let slot = addresses.slot(of: address),
            addresses[slot].state == .configuring || addresses[slot].isTentative
        else { return }
        addresses[slot].isTentative = false
        concludeRestoring(slot, &actions)
        if addresses[slot].state == .configuring { addresses[slot].state = .active }
        grantWaiting(slot, at: now, &actions)
        lingerIfUnused(slot, at: now, &actions)
    }

    /// Nobody new is told of the address until it can be bound again.
    mutating func becomeTentative(_ address: IPv6Address, _ actions: inout [Action]) {
        guard let slot = addresses.slot(of: address) else { return }
        addresses[slot].isTentative = true
        concludeRestoring(slot, &actions)
    }

    mutating func giveUp(_ address: IPv6Address, _ errno: Int32, at now: Instant, _ actions: inout [Action]) {
        guard let slot = addresses.slot(of: address), addresses[slot].state == .configuring else { return }
        refuseWaiting(for: slot, .kernel(errno), at: now, &actions)
        addresses[slot].isRestoring = false
        if addresses[slot].isUsed {
            postponeRestoring(slot, at: now)
        } else if addresses[slot].isMissing {
            letGo(slot, at: now, &actions)
        } else {
            forget(address, at: now, &actions)
        }
    }

    // MARK: When somebody else has it

    /// Tries another address for those who wait, until `duplicatesTolerated` were in use elsewhere.
    mutating func tryAnother(
        than address: IPv6Address, isConfigured: Bool, at now: Instant, _ actions: inout [Action]
    ) {
        guard let slot = addresses.slot(of: address), addresses[slot].state != .removing else { return }
        let strangers = takeStrangers(waitingFor: slot)
        tryAnother(than: slot, isConfigured: isConfigured, at: now, &actions)
        for stranger in strangers { resume(stranger, at: now, &actions) }
    }

    /// Takes out the requests that wait for an address which is somebody else's: who has bound to it by hand is given what
    /// he has, but not what comes in its place.
    private mutating func takeStrangers(waitingFor slot: Int) -> [WaitingRequest] {
        let owner = addresses[slot].owner
        let strangers = waiting.filter { $0.slot == slot && self.owner(for: $0.request) != owner }
        for stranger in strangers { waiting.removeAll { $0.request.id == stranger.request.id } }
        return strangers
    }

    private mutating func tryAnother(
        than slot: Int, isConfigured: Bool, at now: Instant, _ actions: inout [Action]
    ) {
        let address = addresses[slot].address
        if isConfigured { concludeRestoring(slot, &actions) }
        // Else it could be bound before, and may be.
        let isNew = !addresses[slot].isUsed && addresses[slot].state == .configuring
        guard waiting.contains(where: { $0.slot == slot }) else {
            _ = decline(slot, &actions)
            if isNew, !isConfigured {
                // What the kernel has is somebody else's.
                forget(address, at: now, &actions)
            } else {
                loseToNeighbour(slot, at: now, &actions)
            }
            return
        }
        if let replacement = replacement(for: addresses[slot]) {
            for index in waiting.indices where waiting[index].slot == slot {
                waiting[index].awaited = .address(slot: replacement)
            }
            offer(replacement, insteadOf: slot)
            limitUse(of: replacement, at: now)
            configure(replacement, &actions)
        } else if decline(slot, &actions) {
            askForAnother(insteadOf: slot, at: now, &actions)
        } else {
            refuseWaiting(for: slot, .duplicate, at: now, &actions)
        }
        if !isNew {
            loseToNeighbour(slot, at: now, &actions)
        } else if isConfigured {
            startRemoving(slot, at: now, &actions)
        } else {
            forget(address, at: now, &actions)
        }
    }

    /// A neighbour has an address that was given already: it cannot be had back.
    private mutating func loseToNeighbour(_ slot: Int, at now: Instant, _ actions: inout [Action]) {
        let address = addresses[slot].address
        if addresses[slot].isUsed, !addresses[slot].isLost {
            actions.append(.report(.lostToNeighbour(address)))
        }
        abandon(slot, .duplicate, at: now, &actions)
        lingerIfUnused(slot, at: now, &actions)
    }

    private mutating func replacement(for failed: AddressRecord) -> Int? {
        guard failed.duplicates + 1 < Self.duplicatesTolerated, let pool = failed.pool else { return nil }
        let subnet =
            pools[pool].isCutIntoSubnets ? IPv6Prefix(failed.address, length: 64) : pools[pool].prefix
        guard let address = freeAddress(in: subnet, for: failed.type, failed.owner) else { return nil }
        var record = AddressRecord(
            address: address, type: failed.type, interfaceIndex: failed.interfaceIndex, owner: failed.owner,
            pool: pool, state: .acquiring, isOnNet: failed.isOnNet)
        record.duplicates = failed.duplicates + 1
        record.madeAt = failed.madeAt
        enter(record, pool)
        return addresses.insert(record)
    }

    mutating func refuseWaiting(
        for slot: Int, _ refusal: Refusal, at now: Instant, _ actions: inout [Action]
    ) {
        while let waited = nextWaiting(for: slot) {
            refuse(waited.request, refusal, at: now, &actions)
        }
    }
}
