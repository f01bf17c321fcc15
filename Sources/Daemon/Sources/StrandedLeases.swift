import Mobility

/// Prefixes of an earlier run whose source is not there: nobody can be asked to renew them or told that they are given
/// back. They stay in their files until their source is configured again, or their time is over.
struct StrandedLeases {
    struct Stranded: Equatable {
        var stored: StoredLease
        /// When the prefix is ours no longer; nil for never.
        var end: Instant?
        /// No address of it is left.
        var isGivenBack = false
    }

    private var leases: [LeaseID: Stranded] = [:]

    var nextEnd: Instant? { leases.values.compactMap(\.end).min() }

    mutating func add(_ stored: StoredLease, until end: Instant?) {
        leases[LeaseID(stored.id)] = Stranded(stored: stored, end: end)
    }

    mutating func giveBack(_ id: LeaseID) { leases[id]?.isGivenBack = true }

    /// Those whose time is over, which so end.
    mutating func takeOverdue(at now: Instant) -> [StoredLease] {
        take { $0.end.map { $0 <= now } ?? false }.map(\.stored)
    }

    /// Those whose source is among these, which can be gone on with.
    mutating func take(of sources: some Collection<String>) -> [Stranded] {
        let names = Set(sources)
        return take { names.contains($0.stored.source) }
    }

    private mutating func take(where condition: (Stranded) -> Bool) -> [Stranded] {
        let taken = leases.filter { condition($0.value) }
        for id in taken.keys { leases[id] = nil }
        return taken.values.sorted { $0.stored.id < $1.stored.id }
    }
}
