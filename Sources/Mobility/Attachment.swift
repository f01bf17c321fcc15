/// A router as it has just been heard to advertise itself on a link (RFC 4861, section 4.2).
public struct HeardRouter: Equatable, Sendable {
    public var interfaceIndex: UInt32
    /// Link-local.
    public var address: IPv6Address
    /// It can be sent to: its router lifetime is not zero. Told as well when a lifetime has run out.
    public var isDefault: Bool
    /// What it advertises in the same message.
    public var prefixes: [IPv6Prefix]

    public init(
        interfaceIndex: UInt32, address: IPv6Address, isDefault: Bool = true, prefixes: [IPv6Prefix] = []
    ) {
        self.interfaceIndex = interfaceIndex
        self.address = address
        self.isDefault = isDefault
        self.prefixes = prefixes
    }
}

/// What is known of the network that a link is on, to outlive the daemon.
public struct KnownNetwork: Equatable, Sendable {
    public var interfaceIndex: UInt32
    /// Since when the host is on it.
    public var since: Instant
    /// Every router that was heard on it; the first is the one that packets leave by. None if there is no network.
    public var routers: [IPv6Address]

    public init(interfaceIndex: UInt32, since: Instant, routers: [IPv6Address]) {
        self.interfaceIndex = interfaceIndex
        self.since = since
        self.routers = routers
    }
}

/// Whether a router is still on the link.
public enum Reachability: Equatable, Sendable {
    case reachable
    /// It has not answered at once. Another is told later.
    case uncertain
    case unreachable
}

/// The network that a link is on, known by its routers.
///
/// A network may have several routers. One that was never heard may be another router of this network, or the only one of
/// the next: after the link had no carrier it is taken for the next network's; else the router that packets leave by is
/// asked whether it is still there.
struct Attachment: Equatable {
    /// Routers of one network that are remembered. It has one or two; whoever pretends to be more wants our memory.
    static let mostRouters = 16

    /// Since when the host is on this network.
    let since: Instant
    /// The router that packets leave by, or left by before they took the detour.
    private(set) var router: IPv6Address
    /// Where packets left by before the carrier was lost, if another router of the network was heard first after that.
    private var former: IPv6Address?
    /// Every router that was heard on this network.
    private var routers: [IPv6Address]
    /// The link had no carrier since a router was last heard: this may be another network.
    var isInDoubt = false
    /// A router that was not known here; whether the one that packets leave by is still there is being found out.
    var stranger: HeardRouter? {
        didSet { if stranger == nil { isDetour = false } }
    }
    /// Packets leave by the stranger until that is known.
    var isDetour = false
    /// No router of the network can be sent to any more. The next that is heard may be that of another.
    private(set) var isWithoutRouter = false

    init(_ router: IPv6Address, since: Instant) {
        self.since = since
        self.router = router
        routers = [router]
    }

    /// Where packets are sent now; nil if nobody is there.
    var nextHop: IPv6Address? {
        if isWithoutRouter { return nil }
        return isDetour ? stranger?.address ?? router : router
    }

    /// One of an earlier run: while nobody was there the host may have moved.
    init?(_ known: KnownNetwork) {
        guard let first = known.routers.first else { return nil }
        self.init(first, since: known.since)
        for router in known.routers { learn(router) }
        isInDoubt = true
    }

    /// What is to be remembered of it.
    func known(on index: UInt32) -> KnownNetwork {
        KnownNetwork(
            interfaceIndex: index, since: since, routers: [router] + routers.filter { $0 != router })
    }

    func knows(_ address: IPv6Address) -> Bool { routers.contains(address) }

    var isFull: Bool { routers.count >= Self.mostRouters }

    /// Another router of the same network.
    mutating func learn(_ address: IPv6Address) {
        if !knows(address), !isFull { routers.append(address) }
    }

    /// A router of this network was heard: here the host is, and was.
    mutating func confirm(by address: IPv6Address) {
        isWithoutRouter = false
        if isInDoubt, address != router {
            former = former ?? router
            router = address
        } else if address == former {
            router = address
        }
        if address == router { stranger = nil }
        if former == router { former = nil }
        isInDoubt = false
    }

    /// A router of this network can be sent to no more.
    mutating func forget(_ address: IPv6Address) {
        if former == address { former = nil }
        if router == address, let next = former ?? routers.first(where: { $0 != address }) {
            router = next
            former = nil
        }
        if router == address {
            isWithoutRouter = true
            isInDoubt = true
        } else {
            routers.removeAll { $0 == address }
        }
    }
}
