// Fresh addresses after a time or a volume of traffic, so that those whom a host talks to cannot follow it by its address
// for long (RFC 8653, section 5; `MaxAgeSec=`, `MaxBytes=`): new sockets get a new one, old sockets keep theirs.

/// What sockets that are bound to an address have carried.
public struct Traffic: Equatable, Sendable {
    public var address: IPv6Address
    /// Octets that were acknowledged by either side.
    public var octets: UInt64

    public init(address: IPv6Address, octets: UInt64) {
        self.address = address
        self.octets = octets
    }
}

extension TypePolicy {
    /// Addresses of the type are replaced for new sockets some time.
    var isRefreshed: Bool { maxAge != nil || maxOctets != nil }
}

extension Rules {
    /// Traffic is looked at so often.
    static let measuredApart: Duration = .seconds(5)

    /// Whether the kernel is to tell what the sockets that die have carried.
    public var countsTraffic: Bool {
        ContinuityType.allCases.contains { configuration.types[$0].maxOctets != nil }
    }

    /// Sees to it that an address is not given to new sockets for too long.
    mutating func limitUse(of slot: Int, at now: Instant) {
        let policy = configuration.types[addresses[slot].type]
        if let age = policy.maxAge {
            let end = addresses[slot].madeAt + age
            // Each reload comes here again: entries would pile up.
            if addresses[slot].freshUntil != end { agenda.add(.freshness(slot: slot), due: max(end, now)) }
            addresses[slot].freshUntil = end
        } else {
            addresses[slot].freshUntil = nil
        }
        if policy.maxOctets != nil { measureLater(at: now) }
    }

    /// After a change of policy.
    mutating func limitUseOfAll(at now: Instant) {
        for slot in addresses.indices where addresses.isOccupied(slot) { limitUse(of: slot, at: now) }
    }

    /// Called when the agenda looks at an address's age.
    mutating func freshnessIsDue(_ slot: Int, at now: Instant, _ actions: inout [Action]) {
        guard addresses.isOccupied(slot), let end = addresses[slot].freshUntil, end <= now else { return }
        spend(slot, at: now, &actions)
    }

    /// The address is for nobody new any more. Who waits for it has asked before and gets it.
    private mutating func spend(_ slot: Int, at now: Instant, _ actions: inout [Action]) {
        guard !addresses[slot].isSpent, addresses[slot].state != .removing else { return }
        addresses[slot].isSpent = true
        withdraw(slot)
        lingerIfUnused(slot, at: now, &actions)
        guard addresses[slot].state == .lingering else { return }
        linger(slot, until: now)
    }

    // MARK: Traffic

    private mutating func measureLater(at now: Instant) {
        guard !isMeasuringPlanned else { return }
        isMeasuringPlanned = true
        agenda.add(.measuring, due: now + Self.measuredApart)
    }

    /// Has the kernel asked what the sockets that are there have carried.
    mutating func measure(at now: Instant, _ actions: inout [Action]) {
        isMeasuringPlanned = false
        let prefixes = Set(
            addresses.indices.filter { addresses.isOccupied($0) && isMeasured(addresses[$0]) }.map { slot in
                addresses[slot].pool.map { pools[$0].prefix } ?? IPv6Prefix(host: addresses[slot].address)
            })
        for prefix in prefixes.sorted(by: { $0.address < $1.address }) {
            actions.append(.measureTraffic(prefix))
        }
        if !prefixes.isEmpty { measureLater(at: now) }
    }

    private func isMeasured(_ record: AddressRecord) -> Bool {
        configuration.types[record.type].maxOctets != nil && record.isOffered
    }

    /// A socket is gone, and so much it has carried.
    mutating func count(_ ended: Traffic) {
        guard let slot = addresses.slot(of: ended.address) else { return }
        addresses[slot].octetsEnded &+= ended.octets
    }

    /// What the sockets that are there have carried so far: the sum for each address.
    mutating func measured(_ traffic: [Traffic], at now: Instant, _ actions: inout [Action]) {
        var live: [Int: UInt64] = [:]
        for sum in traffic {
            if let slot = addresses.slot(of: sum.address) { live[slot, default: 0] &+= sum.octets }
        }
        for slot in addresses.indices where addresses.isOccupied(slot) && isMeasured(addresses[slot]) {
            guard let most = configuration.types[addresses[slot].type].maxOctets else { continue }
            if addresses[slot].octetsEnded &+ (live[slot] ?? 0) >= most { spend(slot, at: now, &actions) }
        }
    }
}
