/// A prefix that a router advertises, as far as its lifetimes go.
struct AdvertisedPrefix {
    let interfaceIndex: UInt32
    let prefix: IPv6Prefix
    /// What a router has said that it is for. A router that does not say takes nothing back.
    var type: ContinuityType?
    /// Its preferred lifetime is over: no new socket gets an address in it.
    var isDeprecated: Bool
    /// Nil for ever.
    var preferredUntil: Instant?
    /// Nil for ever.
    var validUntil: Instant?

    /// When something will end that has not; nil if never.
    fileprivate var nextEnd: Instant? { isDeprecated ? validUntil : preferredUntil ?? validUntil }

    /// New sockets may have addresses of the type in it, also if nobody says what it is for and `isForUntyped`.
    func gives(_ type: ContinuityType, isForUntyped: Bool) -> Bool {
        !isDeprecated && (self.type.map { $0 == type } ?? isForUntyped)
    }
}

/// What routers advertise, on each link.
struct AdvertisedPrefixes {
    /// On one link. A link has one or two; whoever sends more wants to use up our memory.
    static let mostOnOneLink = 32

    private var all: [AdvertisedPrefix] = [] {
        didSet { nextEnd = all.compactMap(\.nextEnd).min() }
    }

    /// When the next lifetime ends; nil if none does.
    private(set) var nextEnd: Instant?

    /// Whether a router says of a prefix on the link that it is for the type.
    func names(_ type: ContinuityType, on index: UInt32) -> Bool {
        all.contains { $0.interfaceIndex == index && $0.type == type }
    }

    subscript(prefix: IPv6Prefix, on index: UInt32) -> AdvertisedPrefix? {
        all.first { $0.interfaceIndex == index && $0.prefix == prefix }
    }

    /// The prefix on a link that a new address of a type is to be in: one that is said to be for the type before one of
    /// which nothing is said, if `isForUntyped`.
    func prefix(for type: ContinuityType, on index: UInt32, isForUntyped: Bool) -> AdvertisedPrefix? {
        let usable = all.filter { $0.interfaceIndex == index && !$0.isDeprecated }
        return usable.first { $0.type == type } ?? (isForUntyped ? usable.first { $0.type == nil } : nil)
    }

    /// All on a link that are not deprecated.
    func prefixes(on index: UInt32) -> [IPv6Prefix] {
        all.filter { $0.interfaceIndex == index && !$0.isDeprecated }.map(\.prefix)
    }

    /// Takes note of what a router advertises.
    ///
    /// - Returns: how the prefix is now; nil if nothing is known of it now, nor was before.
    mutating func update(_ new: Advertisement, at now: Instant) -> AdvertisedPrefix? {
        guard new.isForAutoconfiguration else { return nil }
        let place = all.firstIndex { $0.interfaceIndex == new.interfaceIndex && $0.prefix == new.prefix }
        let prefix = AdvertisedPrefix(
            interfaceIndex: new.interfaceIndex, prefix: new.prefix,
            type: new.type ?? place.flatMap { all[$0].type },
            isDeprecated: new.isOver || new.preferredLifetime == .zero,
            preferredUntil: new.preferredLifetime.map { now + $0 },
            validUntil: new.validLifetime.map { now + $0 })
        if let place {
            if new.isOver { all.remove(at: place) } else { all[place] = prefix }
            return prefix
        }
        let onLink = all.count { $0.interfaceIndex == new.interfaceIndex }
        guard !new.isOver, onLink < Self.mostOnOneLink else { return nil }
        all.append(prefix)
        return prefix
    }

    /// Ends what has lasted long enough, and returns it. What is deprecated stays as long as it is valid, so that its
    /// type is known when it is advertised again.
    mutating func endAll(at now: Instant) -> [AdvertisedPrefix] {
        guard let next = nextEnd, next <= now else { return [] }
        var ended: [AdvertisedPrefix] = []
        for index in all.indices {
            guard let end = all[index].nextEnd, end <= now else { continue }
            all[index].isDeprecated = true
            ended.append(all[index])
        }
        all.removeAll { prefix in prefix.validUntil.map { $0 <= now } ?? false }
        return ended
    }

    /// Forgets what is advertised on a link, except for some prefixes.
    mutating func forgetAll(on index: UInt32, but prefixes: [IPv6Prefix]) {
        all.removeAll { $0.interfaceIndex == index && !prefixes.contains($0.prefix) }
    }

    mutating func removeAll(where condition: (UInt32) -> Bool) {
        all.removeAll { condition($0.interfaceIndex) }
    }
}
