/// One prefix and what has been cut from it.
///
/// A prefix shorter than /64 is cut into /64s: each type has one that its ordinary addresses share, and a request
/// with ON_NET has one to itself. A /64 or longer is cut into single addresses.
struct Pool {
    /// How we came by a prefix.
    enum Origin: Equatable {
        /// The configuration names it.
        case configuration
        /// A source gave it when it was asked.
        case lease(LeasedPrefix)
        /// Routers advertise it to everybody on the link.
        case advertisement
    }

    let prefix: IPv6Prefix
    var origin: Origin
    /// Place of the source in the configuration; nil once nobody may have an address from it any more.
    var source: Int?
    /// Where its addresses stand.
    var place: Source.Place
    /// The uplink that packets from it leave by, or that its addresses stand on; nil if it needs none.
    var interface: InterfaceName?
    /// Whoever gave it has taken it away: no source has it any more, whatever the configuration says.
    var isWithdrawn = false
    /// The router of the network that gave it; nil if that is not known, or does not matter.
    var router: IPv6Address?
    /// Addresses from it, in any state.
    var addressCount = 0
    /// The uplink whose table packets from the prefix are sent by; nil while no rule says so.
    var ruledUplink: UInt32?
    /// Where the main table has more than a default route for them, packets from the prefix go by that first.
    var hasMainRule = false
    /// Its neighbours on the uplink are reached directly, by a route in the uplink's table.
    var hasLinkRoute = false
    /// A route makes the whole prefix local.
    var hasLocalRoute = false

    /// Addresses in each /64 that is in use.
    private var subnets = FlatMap<UInt64, Int>()
    /// The /64 that ordinary addresses of a type are in.
    private var subnetOfType = PerType<UInt64?>(repeating: nil)
    private var newestSubnet: UInt64 = 0

    init(
        prefix: IPv6Prefix, origin: Origin = .configuration, source: Int?, place: Source.Place = .loopback,
        interface: InterfaceName? = nil
    ) {
        self.prefix = prefix
        self.origin = origin
        self.source = source
        self.place = place
        self.interface = interface
    }

    /// Some routing of ours names it.
    var isRouted: Bool { ruledUplink != nil || hasMainRule || hasLocalRoute }

    /// Nothing is left of it, and nobody wants it back: its place may be given to another.
    var isVacant: Bool {
        guard addressCount == 0, !isRouted else { return false }
        return switch origin {
        case .configuration: source == nil
        case .lease: isWithdrawn
        // A host meets many networks: one that is advertised again gets another place.
        case .advertisement: true
        }
    }

    /// The prefix that a source gave, which wants it back; nil if it is not of that kind.
    var lease: LeasedPrefix? {
        if case .lease(let lease) = origin { lease } else { nil }
    }

    var isCutIntoSubnets: Bool { prefix.length < 64 }

    /// The prefix that a new address is to be in; nil if all are in use.
    ///
    /// The first /64 belongs to Fixed, whichever type is asked for first: a Fixed address must be the same
    /// after the machine was started again. The others are given out in turn, so that an abandoned /64 rests.
    func subnet(for type: ContinuityType, onNet: Bool) -> IPv6Prefix? {
        guard isCutIntoSubnets else { return prefix }
        if !onNet {
            if type == .fixed { return subnet(0) }
            if let shared = subnetOfType[type] { return subnet(shared) }
        }
        let inUse = subnets.count - (subnets[0] == nil ? 0 : 1)
        guard inUse < lastIndex else { return nil }
        var candidate = newestSubnet
        for _ in 0...inUse {
            candidate = candidate == lastIndex ? 1 : candidate + 1
            if subnets[candidate] == nil { return subnet(candidate) }
        }
        return nil
    }

    /// Counts an address in.
    mutating func add(_ address: IPv6Address, _ type: ContinuityType, onNet: Bool) {
        addressCount += 1
        guard isCutIntoSubnets else { return }
        let index = subnetIndex(of: address)
        subnets[index] = (subnets[index] ?? 0) + 1
        if index != 0 { newestSubnet = index }
        if !onNet, type != .fixed, subnetOfType[type] == nil { subnetOfType[type] = index }
    }

    /// Counts an address out.
    mutating func remove(_ address: IPv6Address) {
        precondition(addressCount > 0, "an address is counted out once")
        addressCount -= 1
        guard isCutIntoSubnets else { return }
        let index = subnetIndex(of: address)
        let left = (subnets[index] ?? 1) - 1
        subnets[index] = left > 0 ? left : nil
        if left > 0 { return }
        for type in ContinuityType.allCases where subnetOfType[type] == index { subnetOfType[type] = nil }
    }

    private func subnet(_ index: UInt64) -> IPv6Prefix {
        IPv6Prefix(IPv6Address(high: prefix.address.high | index, low: 0), length: 64)
    }

    private func subnetIndex(of address: IPv6Address) -> UInt64 { address.high & lastIndex }

    /// The bits between the prefix and a /64 within it.
    private var lastIndex: UInt64 { ~UInt64.leadingOnes(Int(prefix.length)) }
}
