import Mobility

/// The default routers that only we hear, until their lifetimes are over.
///
/// Whoever is heard is remembered, so that a neighbour who pretends to be many keeps no real router out for longer than to its
/// next advertisement. Each link has room of its own: nobody is forgotten for what is said on another.
struct HeardRouters {
    /// A link has one or two; whoever pretends to be more wants our memory.
    static let mostOfALink = 16

    private struct Heard {
        var router: Router
        var end: Instant
    }

    /// The one that was heard longest ago first.
    private var heard: [Heard] = []

    var nextEnd: Instant? { heard.map(\.end).min() }

    /// Remembers a router.
    ///
    /// - Returns: the one that is forgotten for it.
    mutating func hear(_ router: Router, until end: Instant, at now: Instant) -> Router? {
        forget(router)
        let forgotten = makeRoom(on: router.interfaceIndex, at: now)
        heard.append(Heard(router: router, end: end))
        return forgotten
    }

    private mutating func makeRoom(on link: UInt32, at now: Instant) -> Router? {
        let places = heard.indices.filter { heard[$0].router.interfaceIndex == link }
        guard places.count >= Self.mostOfALink, let oldest = places.first else { return nil }
        return heard.remove(at: places.first { heard[$0].end <= now } ?? oldest).router
    }

    mutating func forget(_ router: Router) { heard.removeAll { $0.router == router } }

    /// Forgets the routers on links that are not there any more, of which nobody needs to be told.
    mutating func forget(onLinks isGone: (UInt32) -> Bool) {
        heard.removeAll { isGone($0.router.interfaceIndex) }
    }

    /// Those whose lifetime is over, which so end.
    mutating func takeOverdue(at now: Instant) -> [Router] {
        let overdue = heard.filter { $0.end <= now }.map(\.router)
        heard.removeAll { $0.end <= now }
        return overdue
    }
}
