/// The interfaces that are there and the routers behind them.
struct Uplinks {
    /// `lo` is the first interface of every network namespace (LOOPBACK_IFINDEX).
    static let loopbackIndex: UInt32 = 1

    private var names: [UInt32: InterfaceName] = [:]
    private var down: Set<UInt32> = []
    private var routers: [Router] = []

    func index(of name: InterfaceName) -> UInt32? { names.first { $0.value == name }?.key }

    var indices: [UInt32] { names.keys.sorted() }

    func name(of index: UInt32) -> InterfaceName? { names[index] }

    /// Where a source's addresses stand; nil if its interface is not there.
    func place(for offer: Offer) -> StandingPlace? {
        let uplink = offer.interface.map { index(of: $0) }
        if case .some(nil) = uplink { return nil }
        switch offer.place {
        case .loopback: return .interface(Self.loopbackIndex)
        case .interface: return uplink?.map { .interface($0) }
        case .route: return .nowhere
        }
    }

    /// The router that packets leave by: the best metric, among equals the last that was found.
    func router(of uplink: UInt32) -> IPv6Address? {
        let candidates = routers.filter { $0.interfaceIndex == uplink }
        return candidates.reversed().min { $0.metric < $1.metric }?.address
    }

    /// False if the administrator has set the interface down: the kernel then forgets what stands on it.
    func isUp(_ index: UInt32) -> Bool { !down.contains(index) }

    mutating func add(_ index: UInt32, _ name: InterfaceName, isUp: Bool) {
        names[index] = name
        if isUp { down.remove(index) } else { down.insert(index) }
    }

    mutating func remove(_ index: UInt32) {
        names[index] = nil
        down.remove(index)
        routers.removeAll { $0.interfaceIndex == index }
    }

    mutating func add(_ router: Router) {
        remove(router)
        routers.append(router)
    }

    mutating func remove(_ router: Router) { routers.removeAll { $0 == router } }
}

/// Where an address is put.
enum StandingPlace {
    case interface(UInt32)
    /// One route makes its whole prefix local.
    case nowhere

    var interfaceIndex: UInt32? {
        switch self {
        case .interface(let index): index
        case .nowhere: nil
        }
    }
}
