/// What the administrator wants, as far as the rules need to know it.
public struct Configuration: Equatable, Sendable {
    /// Every request is answered by then (`RequestTimeoutSec=`).
    public var requestTimeout: Duration = .seconds(10)
    /// `[Type …]`.
    public var types: PerType<TypePolicy>
    /// `[Source …]`, in the order in which they are tried.
    public var sources: [Source] = []
    /// The type whose addresses programs get that ask for nothing (`DefaultType=`).
    public var defaultType: ContinuityType?
    /// `[Rule …]`.
    public var policy = Policy()

    /// The defaults: no source, nobody but root has Fixed addresses, one address of a type for everybody, half a minute of linger, Fixed kept.
    public init() {
        types = PerType(repeating: TypePolicy())
        types.fixed.linger = nil
        types.fixed.prefersCurrentNetwork = false
    }
}

/// How addresses of one continuity type are shared and how long they outlive their sockets.
public struct TypePolicy: Equatable, Sendable {
    /// Who gets the same address (`Share=`).
    public enum Share: Equatable, Sendable {
        /// Everybody on this host.
        case host
        /// All sockets of one user.
        case user
        /// Nobody: each socket has its own.
        case socket
    }

    /// What becomes of sockets whose address does not work any more.
    public enum OnLoss: Equatable, Sendable {
        /// The kernel ends them (SOCK_DESTROY): the next call on them fails.
        case abort
        /// They are told, and keep what is left of the address until they are closed.
        case tell
    }

    public var share: Share = .host
    /// Time from the last socket's end to the removal of the address (`LingerSec=`); nil means for ever.
    public var linger: Duration? = .seconds(30)
    /// Time from a move that the address does not outlive, to its end (`GraceSec=`); nil for as long as sockets have it. A
    /// Non-persistent one has none.
    public var grace: Duration? = .seconds(60)
    /// What becomes of sockets whose address ends (`OnLoss=`).
    public var onLoss: OnLoss = .abort
    /// After a move new sockets get an address of the network that the host is on now, if it has one, and not one that
    /// is reached by a detour (`PreferCurrentNetwork=`).
    public var prefersCurrentNetwork = true
    /// An address for everybody is there before anybody asks, and stays (`Acquire=boot`).
    public var isAcquiredAtBoot = false
    /// New sockets get no address that is older (`MaxAgeSec=`; RFC 8653, section 5); nil for any age.
    public var maxAge: Duration?
    /// New sockets get no address that has carried more octets (`MaxBytes=`); nil for any number.
    public var maxOctets: UInt64?

    /// Of `maxAge`: an address of less has hardly been told.
    public static let shortestMaxAge: Duration = .seconds(1)

    public init() {}
}

/// Where prefixes come from.
public struct Source: Equatable, Sendable {
    /// Who has the prefixes (`Kind=`).
    public enum Kind: Equatable, Sendable {
        /// The administrator, who had them routed to this host.
        case `static`
        /// Routers, who advertise them to everybody on a link (RFC 4861).
        case routerAdvertisement
        /// DHCPv6 servers, who are asked (RFC 8415).
        case dhcpv6
        /// A program, which is asked.
        case helper

        /// It has no prefix before it is asked for one.
        public var isAsked: Bool {
            switch self {
            case .static, .routerAdvertisement: false
            case .dhcpv6, .helper: true
            }
        }
    }

    /// Where an address from a prefix is put (`Place=`).
    public enum Place: Equatable, Sendable {
        /// On `lo`: the prefix is routed to this host and nobody else has addresses in it.
        case loopback
        /// On the interface: the prefix is shared with neighbours on the link, so DAD is done.
        case interface
        /// Nowhere: one local route makes the whole prefix ours (IPV6_FREEBIND lets sockets bind to it).
        case route
    }

    /// From `[Source NAME]`; unique.
    public var name: String
    public var kind: Kind
    /// Types that this source can give.
    public var types: Set<ContinuityType>
    /// `Prefix=` of a static source, each cut into /64s, or into single addresses if it is a /64 or longer.
    public var prefixes: [IPv6Prefix]
    /// The uplink (`Interface=`) of a static source or a helper: packets from the prefixes leave by it. Needed for
    /// `Place=interface`.
    public var interface: InterfaceName?
    /// Uplinks that packets from a static source's prefixes leave by when `interface` does not work, best first.
    public var alternatives: [InterfaceName] = []
    /// The uplinks (`Interface=`) on which routers are heard or DHCPv6 servers asked.
    public var uplinks: [InterfacePattern]
    public var place: Place
    /// Most addresses at a time (`MaxAddresses=`).
    public var maxAddresses: Int

    public init(
        name: String, kind: Kind = .static, types: Set<ContinuityType>, prefixes: [IPv6Prefix] = [],
        interface: InterfaceName? = nil, uplinks: [InterfacePattern] = [], place: Place = .loopback,
        maxAddresses: Int = 1024
    ) {
        self.name = name
        self.kind = kind
        self.types = types
        self.prefixes = prefixes
        self.interface = interface
        self.uplinks = uplinks
        self.place = place
        self.maxAddresses = maxAddresses
    }
}
