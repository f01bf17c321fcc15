/// Something that happened in the world, as the rules are told of it.
public enum Event: Equatable, Sendable {
    // MARK: From applications and the administrator

    /// Somebody asks for an address.
    case requested(AddressRequest)
    /// Whoever asked is gone; nobody waits for the answer.
    case requestCancelled(RequestID)
    /// The administrator gives back an address that he held, or wants to be rid of one.
    case released(IPv6Address)
    /// The daemon is about to end.
    case stopping
    /// Programs that do not ask get addresses of these types, and no others, from the kernel: one of each is to be there.
    case typesAssigned(Set<ContinuityType>)

    // MARK: From the kernel

    /// A socket was destroyed: its last descriptor was closed, in whatever process.
    case socketDestroyed(SocketCookie)
    /// The kernel had more deaths to tell of than there was room for; some were not told.
    case socketDeathsLost
    /// Answers `findHolders`: a process has the socket open.
    case socketHeld(SocketCookie)
    /// Answers `findHolders`: no process has the socket open.
    case socketGone(SocketCookie)
    /// The kernel has given an address to a socket whose program did not ask.
    case addressGiven(IPv6Address, Requester)
    /// An address that was asked for can be bound.
    case addressUsable(IPv6Address)
    /// Duplicate address detection runs again, and until it ends the address cannot be bound.
    case addressTentative(IPv6Address)
    /// A neighbour has the address already.
    case addressDuplicate(IPv6Address)
    /// Somebody else has configured the same address on this host.
    case addressTaken(IPv6Address)
    /// The kernel did not take the address; an errno.
    case addressRefused(IPv6Address, Int32)
    /// The kernel has forgotten the address, as asked.
    case addressRemoved(IPv6Address)
    /// Somebody else took the address away.
    case addressLost(IPv6Address)
    /// Somebody else changed an address on an interface, or made one there: it does not carry our mark.
    case addressOverwritten(IPv6Address, interfaceIndex: UInt32)
    /// Changes of addresses were missed: one that carries our mark.
    case addressListed(IPv6Address)
    /// Those were all.
    case addressesListed
    /// An address of ours from an earlier run of the daemon.
    case addressFound(FoundAddress)
    /// Answers `findSockets`: one open socket that is bound in the prefix.
    case socketFound(FoundSocket)
    /// Answers `findSockets`: what is left of a TCP connection on the address that this side closed first, and
    /// how long the kernel will still answer for it.
    case timeWaitFound(IPv6Address, left: Duration)
    /// Answers `measureTraffic`: a sum for each address that carried anything.
    case trafficMeasured([Traffic])
    /// A socket was destroyed; told before `socketDestroyed`, if `Rules.countsTraffic`.
    case trafficEnded(Traffic)
    /// Answers `findSockets`: that was all of them.
    case socketsListed(IPv6Prefix)
    /// Answers `findSockets`: the kernel did not say, so there may be any.
    case socketsUnknown(IPv6Prefix)
    /// An interface is there, or has changed; up is what the administrator wants of it (IFF_UP), running whether it has
    /// carrier as well (IFF_RUNNING).
    case linkFound(index: UInt32, name: InterfaceName, isUp: Bool, isRunning: Bool = true)
    case linkGone(index: UInt32)
    /// A default route through an interface is there, added by somebody else.
    case routerFound(Router)
    case routerGone(Router)
    /// A router advertises itself on a link, or has ceased to.
    case routerHeard(HeardRouter)
    /// Answers `probeRouter`: whether the router is still there.
    case routerProbed(interfaceIndex: UInt32, IPv6Address, Reachability)
    /// The machine has slept, and may have been carried elsewhere.
    case resumed
    /// Changes of links and routers were missed: all that are there are told again, then `uplinksListed`.
    case uplinksForgotten
    case uplinksListed
    /// Routing of ours from an earlier run of the daemon; the rule for a prefix before its routes.
    case routingFound(OwnRouting)
    /// Somebody else, or the kernel with an interface, took routing of ours away.
    case routingLost(OwnRouting)
    /// Everything that was there at the start has been told.
    case recovered

    // MARK: From the network

    /// Answers `NetworkAction.ask`: a prefix is ours until it is given back or taken away.
    case prefixGranted(LeasedPrefix)
    /// Answers `NetworkAction.ask`: there is none.
    case prefixRefused(LeaseID, Refusal)
    /// A prefix that was granted is ours no longer: its time is over, or the network took it away.
    case prefixWithdrawn(LeaseID)
    /// A prefix that was granted to an earlier run of the daemon, and is ours still. Told before its addresses.
    case prefixFound(LeasedPrefix)
    /// A router advertises a prefix on a link.
    case prefixAdvertised(Advertisement)
    /// The kernel, or whoever manages the interface, has made an address by itself in an advertised prefix (RFC 4862), or
    /// has changed it.
    case addressAutoconfigured(AutoconfiguredAddress)
    /// Such an address is gone.
    case autoconfiguredAddressGone(IPv6Address, interfaceIndex: UInt32)

    // MARK: From the records

    /// What an earlier run of the daemon promised.
    case recordFound(SocketRecord.Number, SocketRecord)
    /// There is no file of records, or something in it cannot be trusted: a promise may be missing.
    case recordsIncomplete
    /// A record could not be kept, and the answer was withheld; an errno.
    case recordRefused(RequestID, SocketRecord, errno: Int32)

    /// The network that a link was on when an earlier run of the daemon ended. Told after the links.
    case networkFound(KnownNetwork)

    // MARK: From the clock

    /// The time that `Rules.nextDeadline` named has come.
    case deadlineReached
}

/// An address in the kernel that carries our mark.
public struct FoundAddress: Equatable, Sendable {
    public var address: IPv6Address
    public var type: ContinuityType
    public var interfaceIndex: UInt32
    /// It can be bound; else DAD goes on, and `addressUsable` or `addressDuplicate` will follow.
    public var isUsable: Bool
    /// When the kernel takes it away by itself; nil for never.
    public var validUntil: Instant?
    /// Programs that ask for nothing may get it.
    public var isPreferred = false

    public init(
        address: IPv6Address, type: ContinuityType, interfaceIndex: UInt32, isUsable: Bool = true,
        validUntil: Instant? = nil
    ) {
        self.address = address
        self.type = type
        self.interfaceIndex = interfaceIndex
        self.isUsable = isUsable
        self.validUntil = validUntil
    }
}

/// A socket that the kernel lists as bound to an address.
public struct FoundSocket: Equatable, Sendable {
    public var cookie: SocketCookie
    public var address: IPv6Address
    public var transport: UInt16
    public var user: UInt32
    /// The kernel tells when the socket is destroyed.
    public var isDeathAnnounced: Bool

    public init(
        cookie: SocketCookie, address: IPv6Address, transport: UInt16, user: UInt32,
        isDeathAnnounced: Bool = true
    ) {
        self.cookie = cookie
        self.address = address
        self.transport = transport
        self.user = user
        self.isDeathAnnounced = isDeathAnnounced
    }
}

/// A default router: most often the next hop of a default route in the main table, whoever put it there but us.
public struct Router: Hashable, Sendable {
    /// Stands for whoever is at the other end of the link, as of a tunnel: the route has no gateway.
    public static let farEnd = IPv6Address.unspecified

    public var interfaceIndex: UInt32
    /// Most often link-local; `farEnd` if it has none.
    public var address: IPv6Address
    /// RTA_PRIORITY: the lower, the better.
    public var metric: UInt32
    /// It is there because it advertises itself (RTPROT_RA), and nobody has configured it.
    public var isAdvertised: Bool
    /// It advertises itself, and we hear it because the kernel does not; the main table does not have it.
    public var isHeardOnly: Bool

    public init(
        interfaceIndex: UInt32, address: IPv6Address, metric: UInt32, isAdvertised: Bool = false,
        isHeardOnly: Bool = false
    ) {
        self.interfaceIndex = interfaceIndex
        self.address = address
        self.metric = metric
        self.isAdvertised = isAdvertised || isHeardOnly
        self.isHeardOnly = isHeardOnly
    }
}
