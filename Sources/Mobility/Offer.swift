/// What a source can give, in a form that is quick to look at.
struct Offer {
    var kind: Source.Kind
    var types: ContinuityTypes
    var place: Source.Place
    /// The uplink that the configuration names; of several the first.
    var interface: InterfaceName?
    private var alternatives: [InterfaceName]
    /// Where routers are heard or servers asked; empty if there is no choice.
    var uplinks: [InterfacePattern]
    var maxAddresses: Int
    /// Addresses from it, in any state.
    var addressCount = 0

    /// The uplinks that the configuration names.
    var interfaces: [InterfaceName] { [interface].compactMap(\.self) + alternatives }

    var hasRoom: Bool { addressCount < maxAddresses }

    init(_ source: Source) {
        kind = source.kind
        types = ContinuityTypes(source.types)
        place = source.place
        interface = source.interface
        alternatives = source.alternatives
        uplinks = source.uplinks
        maxAddresses = source.maxAddresses
    }
}

/// A set of continuity types, one bit each.
struct ContinuityTypes: Equatable, Sendable {
    private var bits: UInt8 = 0

    init(_ types: Set<ContinuityType>) {
        for type in types { bits |= 1 << type.rawValue }
    }

    func contains(_ type: ContinuityType) -> Bool { bits & 1 << type.rawValue != 0 }
}

extension Rules {
    /// Counts an address in, in its pool and in the source that has the pool.
    mutating func enter(_ record: AddressRecord, _ pool: Int) {
        pools[pool].add(record.address, record.type, onNet: record.isOnNet)
        if let source = pools[pool].source { offers[source].addressCount += 1 }
    }

    /// Gives a pool that no source has to one, with the addresses that it has.
    mutating func assign(_ pool: Int, to source: Int) {
        precondition(pools[pool].source == nil, "a pool is one source's at a time")
        pools[pool].source = source
        offers[source].addressCount += pools[pool].addressCount
    }

    /// Counts an address out.
    mutating func leave(_ address: IPv6Address, _ pool: Int) {
        pools[pool].remove(address)
        if let source = pools[pool].source { offers[source].addressCount -= 1 }
    }
}
