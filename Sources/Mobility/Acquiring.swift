// How an address comes to be: a source gives a prefix, the rules choose an address in it, the kernel takes it.

extension Rules {
    /// Begins a new address for a request, from the first source that can give one.
    mutating func acquire(for request: AddressRequest, at now: Instant, _ actions: inout [Action]) {
        var refusal = Refusal.noSource
        for source in offers.indices where offers[source].types.contains(request.type) {
            switch plan(request, from: source) {
            case .success(let record):
                begin(record, for: request, at: now, &actions)
                return
            case .failure(let reason): refusal = reason
            }
        }
        actions.append(.answer(request.id, .refused(refusal)))
    }

    private enum Plan {
        case success(AddressRecord)
        case failure(Refusal)
    }

    private mutating func plan(_ request: AddressRequest, from index: Int) -> Plan {
        let offer = offers[index]
        guard let place = uplinks.place(for: offer) else { return .failure(.noNetwork) }
        guard offer.addressCount < offer.maxAddresses else { return .failure(.exhausted) }
        let owner = owner(for: request)
        for pool in pools.indices where pools[pool].source == index {
            guard let subnet = pools[pool].subnet(for: request.type, onNet: request.onNet),
                let address = freeAddress(in: subnet, for: request.type, owner)
            else { continue }
            return .success(
                AddressRecord(
                    address: address, type: request.type, interfaceIndex: place.interfaceIndex, owner: owner,
                    pool: pool, state: .acquiring, isOnNet: request.onNet))
        }
        return .failure(.exhausted)
    }

    /// Whom an address for the request is reserved for; nil if the type's sockets share it.
    func owner(for request: AddressRequest) -> AddressOwner? {
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

    private mutating func begin(
        _ record: AddressRecord, for request: AddressRequest, at now: Instant, _ actions: inout [Action]
    ) {
        let slot = addresses.insert(record)
        if let pool = record.pool {
            enter(record, pool)
            routePackets(of: pool, &actions)
        }
        offer(slot)
        guard record.interfaceIndex != nil else {
            addresses[slot].state = .active
            grant(slot, to: request, at: now, &actions)
            return
        }
        wait(request, for: slot, at: now, &actions)
        configure(slot, &actions)
    }

    private mutating func configure(_ slot: Int, _ actions: inout [Action]) {
        addresses[slot].state = .configuring
        actions.append(.addAddress(plan(for: addresses[slot])))
    }

    func plan(for record: AddressRecord) -> PlannedAddress {
        guard let interfaceIndex = record.interfaceIndex else { preconditionFailure("configured somewhere") }
        return PlannedAddress(
            address: record.address, type: record.type, interfaceIndex: interfaceIndex,
            detectsDuplicates: interfaceIndex != Uplinks.loopbackIndex)
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
        refuseWaiting(for: slot, .kernel(errno), &actions)
        addresses[slot].isRestoring = false
        if addresses[slot].isUsed {
            postponeRestoring(slot, at: now)
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
        if isConfigured { concludeRestoring(slot, &actions) }
        guard waiting.contains(where: { $0.slot == slot }) else {
            loseToNeighbour(slot, at: now, &actions)
            return
        }
        if let replacement = replacement(for: addresses[slot]) {
            for index in waiting.indices where waiting[index].slot == slot {
                waiting[index].slot = replacement
            }
            offer(replacement, insteadOf: slot)
            configure(replacement, &actions)
        } else {
            refuseWaiting(for: slot, .duplicate, &actions)
        }
        if addresses[slot].isUsed || addresses[slot].state != .configuring {
            // It could be bound before, and may be.
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
        if addresses[slot].isUsed, !addresses[slot].isLeaving {
            actions.append(.report(.lostToNeighbour(address)))
        }
        abandon(slot, .duplicate, &actions)
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
        enter(record, pool)
        return addresses.insert(record)
    }

    mutating func refuseWaiting(for slot: Int, _ refusal: Refusal, _ actions: inout [Action]) {
        while let waited = nextWaiting(for: slot) {
            actions.append(.answer(waited.request.id, .refused(refusal)))
        }
    }
}
