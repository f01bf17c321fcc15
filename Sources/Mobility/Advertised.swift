// Prefixes that routers advertise to everybody on a link (RFC 4861, RFC 4862). The address that the kernel has made in one
// is given to sockets where there is one, and stays the kernel's; else one of our own is made beside it.
//
// Packets from them leave by the main table, as those of programs that do not know odmd: these use the same prefix,
// and often the same address. Only where nobody has put the router that we hear into that table they leave by one of
// ours.

extension Rules {
    mutating func advertised(_ new: Advertisement, at now: Instant, _ actions: inout [Action]) {
        let isNews = advertisedPrefixes[new.prefix, on: new.interfaceIndex] == nil
        guard let prefix = advertisedPrefixes.update(new, at: now) else { return }
        returnToAdvertisedPrefix(prefix, &actions)
        retireMisplaced(in: prefix, at: now, &actions)
        if isNews {
            // The kernel may have an address in it that it says nothing of before it can be bound.
            listAddresses(&actions)
        } else {
            answerQuestions(on: prefix.interfaceIndex, at: now, &actions)
        }
    }

    mutating func endAdvertisements(at now: Instant, _ actions: inout [Action]) {
        for prefix in advertisedPrefixes.endAll(at: now) { retireMisplaced(in: prefix, at: now, &actions) }
    }

    /// Asks the routers on links that a source listens on.
    mutating func solicitRouters(on links: [UInt32], _ actions: inout [Action]) {
        guard hasRecovered else { return }
        for index in links where isListening(on: index) {
            actions.append(.network(.solicitRouters(interfaceIndex: index)))
        }
    }

    /// Whether a source has the link for an uplink, and routers on it can be heard.
    private func isListening(on index: UInt32) -> Bool {
        uplinks.isRunning(index) && isUplink(index)
    }

    /// Whether a source gives prefixes that are of the link's network, or reached by it.
    func isUplink(_ index: UInt32) -> Bool {
        guard index != Uplinks.loopbackIndex, let name = uplinks.name(of: index) else { return false }
        return configuration.sources.contains { source in
            source.interface == name || source.alternatives.contains(name)
                || source.uplinks.contains { $0.matches(name) }
        }
    }

    /// The links on which sources listen to routers.
    public var listeningInterfaces: [UInt32] { uplinks.indices.filter(isListening) }

    /// The first source that gives what routers on an interface advertise.
    func sourceHearing(on interface: InterfaceName) -> Int? {
        configuration.sources.firstIndex { $0.hearsRouters(on: interface) }
    }

    /// Whether new sockets may have an address, as far as routers and the configuration say.
    func isAdvertised(_ record: AddressRecord, in prefix: IPv6Prefix) -> Bool {
        guard let index = record.interfaceIndex, let interface = uplinks.name(of: index),
            let advertised = advertisedPrefixes[prefix, on: index]
        else { return false }
        return configuration.sources.contains { source in
            source.hearsRouters(on: interface)
                && advertised.gives(record.type, isForUntyped: source.types.contains(record.type))
        }
    }

    // MARK: An address

    mutating func planFromAdvertisements(
        for request: AddressRequest, from candidate: Candidate
    ) -> Plan {
        let isForUntyped = offers[candidate.source].types.contains(request.type)
        guard let index = candidate.interfaceIndex, let interface = uplinks.name(of: index),
            let prefix = advertisedPrefixes.prefix(for: request.type, on: index, isForUntyped: isForUntyped)
        else { return .question }
        let pool = pool(of: prefix, interface, candidate.source)
        if let record = othersAddress(for: request, in: prefix, pool) ?? newAddress(for: request, in: pool) {
            return .address(record)
        }
        return .failure(.exhausted)
    }

    /// The address that others have made in a prefix, if the request may share it and no sockets of another type do.
    private func othersAddress(
        for request: AddressRequest, in prefix: AdvertisedPrefix, _ pool: Int
    ) -> AddressRecord? {
        guard !request.onNet, owner(for: request) == nil, !configuration.types[request.type].isRefreshed,
            let found = autoconfigured.preferred(in: prefix.prefix, on: prefix.interfaceIndex),
            addresses.slot(of: found.address) == nil
        else { return nil }
        return othersRecord(found, type: request.type, pool: pool)
    }

    private func othersRecord(
        _ found: AutoconfiguredAddress, type: ContinuityType, pool: Int?
    ) -> AddressRecord {
        var record = AddressRecord(
            address: found.address, type: type, interfaceIndex: found.interfaceIndex, owner: nil, pool: pool,
            state: .acquiring)
        record.isOthers = true
        record.isTentative = !found.isUsable
        return record
    }

    private mutating func pool(
        of prefix: AdvertisedPrefix, _ interface: InterfaceName, _ source: Int
    ) -> Int {
        let known = pools.firstIndex {
            $0.origin == .advertisement && $0.prefix == prefix.prefix && $0.interface == interface
        }
        if let known {
            if pools[known].source == nil { assign(known, to: source) }
            return known
        }
        return add(
            Pool(
                prefix: prefix.prefix, origin: .advertisement, source: source, place: .interface,
                interface: interface))
    }

    // MARK: What becomes of addresses that are there

    /// Takes out of use what a prefix is not for any more.
    private mutating func retireMisplaced(
        in prefix: AdvertisedPrefix, at now: Instant, _ actions: inout [Action]
    ) {
        for pool in pools.indices
        where pools[pool].origin == .advertisement && pools[pool].prefix == prefix.prefix {
            retire(pool, at: now, &actions) { record in
                record.interfaceIndex == prefix.interfaceIndex
                    && !prefix.gives(record.type, isForUntyped: true)
            }
        }
    }

    /// Addresses of an earlier run are in a prefix again, and those of others may be for new sockets again.
    private mutating func returnToAdvertisedPrefix(_ prefix: AdvertisedPrefix, _ actions: inout [Action]) {
        guard !prefix.isDeprecated, let interface = uplinks.name(of: prefix.interfaceIndex),
            let source = sourceHearing(on: interface)
        else { return }
        for slot in addresses.indices where addresses.isOccupied(slot) {
            let record = addresses[slot]
            guard record.interfaceIndex == prefix.interfaceIndex, prefix.prefix.contains(record.address)
            else { continue }
            if record.pool == nil, isAdvertised(record, in: prefix.prefix) {
                let pool = pool(of: prefix, interface, source)
                addresses[slot].pool = pool
                enter(record, pool)
                if record.isOffered { offer(slot) }
            }
            if isAdvertised(record, in: prefix.prefix), !record.isOthers {
                revoke(farewellOf: slot, &actions)
            }
            readmit(slot, &actions)
        }
    }

    /// An address of others that was for nobody new, because it was gone or deprecated, is offered again.
    private mutating func readmit(_ slot: Int, _ actions: inout [Action]) {
        let record = addresses[slot]
        guard record.isOthers, record.isLeaving, !record.isMissing, record.state != .removing,
            autoconfigured[record.address]?.isPreferred == true, isStillGiven(record)
        else { return }
        if record.farewell != nil { return revoke(farewellOf: slot, &actions) }
        addresses[slot].isLeaving = false
        offer(slot)
    }

    /// Requests that wait for routers on a link look again at what there is.
    mutating func answerQuestions(on index: UInt32, at now: Instant, _ actions: inout [Action]) {
        for question in questions where question.candidate.interfaceIndex == index {
            guard offers[question.candidate.source].kind == .routerAdvertisement else { continue }
            let isForUntyped = offers[question.candidate.source].types.contains(question.type)
            let prefix = advertisedPrefixes.prefix(for: question.type, on: index, isForUntyped: isForUntyped)
            guard prefix != nil, takeQuestion(question.id) != nil else { continue }
            backoffs[question.grievance] = nil
            for request in takeWaiting(for: question.id) { resume(request, at: now, &actions) }
            scheduleStopFollowing(at: now)
        }
    }

    // MARK: Addresses that others make

    mutating func autoconfigured(
        _ new: AutoconfiguredAddress, at now: Instant, _ actions: inout [Action]
    ) {
        if let slot = addresses.slot(of: new.address), !addresses[slot].isOthers {
            overwritten(new.address, on: new.interfaceIndex, at: now, &actions)
            return
        }
        autoconfigured.update(new)
        guard let slot = addresses.slot(of: new.address), addresses[slot].interfaceIndex == new.interfaceIndex
        else { return }
        // One that has ended for sockets goes on without them.
        if addresses[slot].farewell?.isOver ?? false { return }
        addresses[slot].isMissing = false
        readmit(slot, &actions)
        if !new.isPreferred {
            if addresses[slot].isOffered { retireOthers(slot, at: now, &actions) }
        } else if new.isUsable {
            becomeUsable(new.address, at: now, &actions)
        } else {
            addresses[slot].isTentative = true
        }
    }

    mutating func autoconfiguredGone(
        _ address: IPv6Address, on index: UInt32, at now: Instant, _ actions: inout [Action]
    ) {
        autoconfigured.remove(address, on: index)
        guard let slot = addresses.slot(of: address), addresses[slot].isOthers,
            addresses[slot].interfaceIndex == index
        else { return }
        addresses[slot].isMissing = true
        if addresses[slot].isOffered { retireOthers(slot, at: now, &actions) }
    }

    /// The address is for nobody new: those who wait for it are given another, those who have it keep it.
    private mutating func retireOthers(_ slot: Int, at now: Instant, _ actions: inout [Action]) {
        withdraw(slot)
        let waiters = takeWaiting(forAddress: slot)
        release(addresses[slot].address, at: now, &actions)
        for waiter in waiters { resume(waiter, at: now, &actions) }
    }

    /// After a restart: an address that is not ours is in the records, and is there.
    mutating func recoverOthers(_ record: SocketRecord) -> AddressRecord? {
        guard let found = autoconfigured[record.address] else { return nil }
        var address = othersRecord(found, type: record.type, pool: nil)
        address.state = .active
        address.isLeaving = !found.isPreferred
        return address
    }
}

extension Source {
    fileprivate func hearsRouters(on interface: InterfaceName) -> Bool {
        kind == .routerAdvertisement && uplinks.contains { $0.matches(interface) }
    }
}
