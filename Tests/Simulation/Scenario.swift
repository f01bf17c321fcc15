import Mobility

/// What differs from history to history before anything has happened.
struct Scenario {
    /// The uplink of the first source; it comes and goes.
    static let uplinkName: InterfaceName = "eth0"
    static let otherName: InterfaceName = "eth9"
    static let requestTimeout: Duration = .seconds(10)
    static let longestLinger: Duration = .seconds(20)

    private static let cutIntoSubnets: IPv6Prefix = "2001:db8:a::/60"
    /// Fifteen addresses: it runs out.
    static let tiny: IPv6Prefix = "2001:db8:b::/124"
    private static let small: IPv6Prefix = "2001:db8:c::/62"

    private static let linked = Source(
        name: "a", types: [.fixed, .sessionLasting], prefixes: [cutIntoSubnets], interface: uplinkName,
        maxAddresses: 10)
    private static let anchored = Source(
        name: "b", types: [.sessionLasting, .nonPersistent], prefixes: [tiny, small])

    var configuration: Configuration
    let secret: Secret
    /// Addresses from these are nowhere configured, whatever else the configuration says later.
    private let routed: [IPv6Prefix]

    init(_ dice: inout Dice) {
        secret = Secret(high: dice.number(), low: 1)
        configuration = Configuration()
        configuration.requestTimeout = Self.requestTimeout
        configuration.sources = [Self.linked, Self.anchored]
        let places: [Source.Place] = [.loopback, .interface, .interface, .route]
        configuration.sources[0].place = places[dice.roll(places.count)]
        if dice.once(in: 4) { configuration.sources[1].place = .route }
        routed = configuration.sources.filter { $0.place == .route }.flatMap(\.prefixes)
        for type in ContinuityType.allCases { configuration.types[type] = Self.policy(&dice) }
        if dice.once(in: 3) { configuration.types.fixed.linger = nil }
        configuration.policy = Self.rules(&dice)
        configuration.defaultType = dice.once(in: 3) ? dice.pick(ContinuityType.allCases) : nil
    }

    /// The address is nowhere configured, only routed here.
    func isRoutedOnly(_ address: IPv6Address) -> Bool { routed.contains { $0.contains(address) } }

    /// What an administrator may change while the daemon runs. Who shares stays: an address may have been
    /// shared already.
    mutating func change(_ dice: inout Dice) {
        for type in ContinuityType.allCases { configuration.types[type].linger = Self.linger(&dice) }
        let types: [Set<ContinuityType>] = [[.sessionLasting, .nonPersistent], [.nonPersistent]]
        configuration.policy = Self.rules(&dice)
        configuration.defaultType = dice.once(in: 3) ? dice.pick(ContinuityType.allCases) : nil
        configuration.sources[1].types = types[dice.roll(types.count)]
        configuration.sources[1].prefixes = dice.once(in: 3) ? [Self.small] : [Self.tiny, Self.small]
    }

    private static func policy(_ dice: inout Dice) -> TypePolicy {
        var policy = TypePolicy()
        let shares: [TypePolicy.Share] = [.host, .user, .socket]
        policy.share = shares[dice.roll(shares.count)]
        policy.linger = linger(&dice)
        if policy.share == .host { policy.isAcquiredAtBoot = dice.once(in: 4) }
        if dice.once(in: 4) { policy.maxAge = .seconds(1 + dice.roll(10)) }
        return policy
    }

    /// What nobody is left to want at the end of a history.
    mutating func endInitialSet() {
        for type in ContinuityType.allCases { configuration.types[type].isAcquiredAtBoot = false }
    }

    /// Mostly everything for everybody; else something is denied, or bounded.
    private static func rules(_ dice: inout Dice) -> Policy {
        let everything = PolicyRule(name: "everything")
        switch dice.roll(4) {
        case 0:
            let types = Set(ContinuityType.allCases.filter { _ in dice.once(in: 2) })
            return Policy([PolicyRule(name: "none", types: types, users: [1], action: .deny), everything])
        case 1:
            return Policy([
                PolicyRule(
                    name: "few", users: [0, 2], maxAddresses: 1 + dice.roll(3), maxSockets: 1 + dice.roll(5)),
                everything,
            ])
        default: return Policy([everything])
        }
    }

    private static func linger(_ dice: inout Dice) -> Duration { .seconds(dice.roll(3) * 10) }
}
