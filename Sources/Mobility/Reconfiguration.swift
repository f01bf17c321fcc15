// A new configuration, at the start or later. Addresses in use stay, whatever it says.

extension Rules {
    /// Puts a new configuration in force. What it no longer offers goes as if it had been released; what
    /// lingers does so no longer than it says.
    public mutating func reconfigure(_ new: Configuration, at now: Instant, _ actions: inout [Action]) {
        adopt(new)
        applyLingerPolicy(at: now)
        for slot in addresses.indices where addresses.isOccupied(slot) && !isStillGiven(addresses[slot]) {
            release(addresses[slot].address, at: now, &actions)
        }
        for pool in pools.indices where pools[pool].addressCount > 0 { routePackets(of: pool, &actions) }
        askForSockets(&actions)
    }

    /// True if the configuration gives the type from the address's prefix.
    func isStillGiven(_ record: AddressRecord) -> Bool {
        guard let source = record.pool.flatMap({ pools[$0].source }) else { return false }
        return offers[source].types.contains(record.type)
    }

    /// Matches the pools that there are with the prefixes that there are to be.
    mutating func adopt(_ new: Configuration) {
        configuration = new
        for pool in pools.indices { pools[pool].source = nil }
        for (index, source) in new.sources.enumerated() {
            for prefix in source.prefixes { addPool(prefix, of: index) }
        }
        offers = new.sources.map(Offer.init)
        returnToPools()
        for pool in pools { if let source = pool.source { offers[source].addressCount += pool.addressCount } }
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
        if let known = pools.firstIndex(where: { $0.prefix == prefix }) {
            pools[known].source = source
        } else if let unused = pools.firstIndex(where: {
            $0.source == nil && $0.addressCount == 0 && !$0.isRouted
        }) {
            pools[unused] = Pool(prefix: prefix, source: source)
        } else {
            pools.append(Pool(prefix: prefix, source: source))
        }
    }
}
