// The start of a daemon on a host where an earlier one has been: the kernel is the database.

extension Rules {
    /// Takes an address over. Sockets that are bound to it are looked up now; one that was given it and has not
    /// bound yet has the linger time to do so.
    mutating func adopt(_ found: FoundAddress, at now: Instant, _ actions: inout [Action]) {
        guard addresses.slot(of: found.address) == nil else { return }
        let pool = pools.firstIndex { $0.prefix.contains(found.address) }
        var record = AddressRecord(
            address: found.address, type: found.type, interfaceIndex: found.interfaceIndex, owner: nil,
            pool: pool,
            state: found.isUsable ? .lingering : .configuring)
        if found.isUsable { record.lingerEnd = configuration.types[found.type].linger.map { now + $0 } }
        let slot = addresses.insert(record)
        if let pool {
            enter(record, pool)
            routePackets(of: pool, &actions)
        }
        if isStillGiven(record) { offer(slot) }
        putOnAgenda(slot)
        followSocketDeaths(&actions)
        actions.append(.findSockets(IPv6Prefix(host: found.address)))
    }

    /// Removes routing of an earlier run that no address needs any more.
    mutating func tidyLeftovers(_ actions: inout [Action]) {
        for (prefix, uplink) in leftovers.rules
        where !pools.contains(where: { $0.prefix == prefix && $0.ruledUplink == uplink }) {
            actions.append(.removeRule(prefix, uplink: uplink))
        }
        for uplink in leftovers.tables where !pools.contains(where: { $0.ruledUplink == uplink }) {
            actions.append(.removeTable(uplink: uplink))
        }
        for prefix in leftovers.localRoutes
        where !pools.contains(where: { $0.prefix == prefix && $0.hasLocalRoute }) {
            actions.append(.removeLocalRoute(prefix))
        }
        leftovers = Leftovers()
    }
}
