/// Something to be done to the world. Actions are done in order; those that fail come back as events.
public enum Action: Equatable, Sendable {
    /// Answer a request, for the first and only time.
    case answer(RequestID, Answer)

    /// Keep a record of a grant before the request is answered. If that fails, the answer that follows is withheld,
    /// and `recordRefused` is told instead.
    case keepRecord(SocketRecord.Number, SocketRecord, for: RequestID)
    case eraseRecord(SocketRecord.Number)

    /// Remember on which network a link is, for the next run of the daemon.
    case keepNetwork(KnownNetwork)

    /// Configure an address. Answered by `addressUsable`, `addressDuplicate`,
    /// `addressTaken` or `addressRefused`.
    case addAddress(PlannedAddress)
    /// End the sockets that are bound to an address: what works on it does not any more.
    ///
    /// - Parameter cookies: those and no others; nil for all.
    case abortSockets(IPv6Address, only: [SocketCookie]?)
    /// Configure an address that is or was ours as it should be, whether it is there or not. Answered by
    /// `addressUsable`, `addressTentative` or `addressRefused`.
    case restoreAddress(PlannedAddress)
    /// Take an address away. Answered by `addressRemoved`.
    case removeAddress(IPv6Address, interfaceIndex: UInt32)
    /// Take an address away if it is there and carries our mark; another in its place is somebody else's. Not
    /// answered.
    case removeIfOurs(IPv6Address, interfaceIndex: UInt32)

    /// Tell the addresses that carry our mark. Answered by `addressListed` for each, `addressesListed`, and then how
    /// each is: `addressUsable`, `addressTentative` or `addressDuplicate`.
    case listAddresses

    /// Say something to the network.
    case network(NetworkAction)

    /// Be told of destroyed sockets from now on.
    case followSocketDeaths
    case stopFollowingSocketDeaths
    /// List the sockets that are bound in a prefix. Answered by `socketFound` and `timeWaitFound` for each, then
    /// `socketsListed`; or by `socketsUnknown`.
    case findSockets(IPv6Prefix)
    /// Ask what the sockets that are bound in a prefix have carried. Answered by `trafficMeasured`, unless the kernel does
    /// not say.
    case measureTraffic(IPv6Prefix)
    /// Look for the processes that have the sockets of `Rules.suspects` open. Answered by `socketHeld` or
    /// `socketGone` for each of which that is certain.
    case findHolders

    /// Add routing; that it is there already is no failure.
    case addRouting(OwnRouting)
    /// Remove routing; a table with all routes of ours in it.
    case removeRouting(OwnRouting)
    /// Set the default route in an uplink's table, or remove it.
    case setRouter(uplink: UInt32, IPv6Address?)
    /// Ask a router whether it is still on the link. Answered by `routerProbed`, in a moment.
    case probeRouter(interfaceIndex: UInt32, IPv6Address)
    /// Forget where on the link a neighbour is: packets that wait for it go another way (RFC 4861, section 7.3.3).
    case forgetNeighbour(interfaceIndex: UInt32, IPv6Address)

    /// Tell those who watch the address.
    case announce(AddressEvent)
    /// Tell the administrator.
    case report(Report)
}

/// Something to be said to routers, DHCPv6 servers or helper programs.
public enum NetworkAction: Equatable, Sendable {
    /// Ask a source for a prefix. Answered by `prefixGranted` or `prefixRefused`.
    case ask(PrefixRequest)
    /// Nobody waits for that prefix any more. If it is granted nevertheless, nothing is told of it.
    case cancel(LeaseID)
    /// Give a prefix back of which no address is left.
    case giveBack(LeaseID)
    /// The host has moved, and is on another network by the same link: ask whether the prefix is still ours, or for the
    /// prefix that is being asked for.
    ///
    /// - Parameter interface: the uplink to ask on; nil if the source has none.
    case rebind(LeaseID, interface: InterfaceName?)
    /// Give a single address back that a neighbour has.
    case decline(LeaseID)
    /// Ask the routers on a link to advertise themselves now (RFC 4861, section 6.3.7).
    case solicitRouters(interfaceIndex: UInt32)
}

/// A socket that may have died without a word.
public struct Suspect: Equatable, Sendable {
    public var cookie: SocketCookie
    /// The process that asked; it most likely has it. `Requester.unknownProcess` if nobody knows.
    public var process: Int32
    /// Of the socket's file.
    public var inode: UInt32

    public init(cookie: SocketCookie, process: Int32, inode: UInt32) {
        self.cookie = cookie
        self.process = process
        self.inode = inode
    }
}

/// An address that is to be configured.
public struct PlannedAddress: Equatable, Sendable {
    public var address: IPv6Address
    public var type: ContinuityType
    public var interfaceIndex: UInt32
    /// Neighbours may have it, so Duplicate Address Detection must come first (RFC 4862, section 5.4).
    public var detectsDuplicates: Bool
    /// When the kernel takes it away by itself; nil for never.
    public var validUntil: Instant?
    /// Programs that ask for nothing may get it (RFC 6724, section 5, rule 3).
    public var isPreferred = false

    public init(
        address: IPv6Address, type: ContinuityType, interfaceIndex: UInt32, detectsDuplicates: Bool,
        validUntil: Instant? = nil
    ) {
        self.address = address
        self.type = type
        self.interfaceIndex = interfaceIndex
        self.detectsDuplicates = detectsDuplicates
        self.validUntil = validUntil
    }
}
