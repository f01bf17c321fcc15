/// Something to be done to the world. Actions are done in order; those that fail come back as events.
public enum Action: Equatable, Sendable {
    /// Answer a request, for the first and only time.
    case answer(RequestID, Answer)

    /// Configure an address. Answered by `addressUsable`, `addressDuplicate`,
    /// `addressTaken` or `addressRefused`.
    case addAddress(PlannedAddress)
    /// Take an address away. Answered by `addressRemoved`.
    case removeAddress(IPv6Address, interfaceIndex: UInt32)

    /// Be told of destroyed sockets from now on.
    case followSocketDeaths
    case stopFollowingSocketDeaths
    /// List the sockets that are bound in a prefix. Answered by `socketFound` for each, then `socketsListed`.
    case findSockets(IPv6Prefix)

    /// Look whether the process that asked for a socket is there. Answered by `processGone`, or not at all.
    case checkProcess(SocketCookie, process: Int32)

    /// Make an uplink's table, in which a packet that finds no route is unreachable.
    case addTable(uplink: UInt32)
    /// Remove an uplink's table with all routes of ours in it.
    case removeTable(uplink: UInt32)
    /// Set the default route in an uplink's table, or remove it.
    case setRouter(uplink: UInt32, IPv6Address?)
    /// Reach a prefix on the uplink's own link, in the uplink's table.
    case addLinkRoute(IPv6Prefix, uplink: UInt32)
    case removeLinkRoute(IPv6Prefix, uplink: UInt32)
    /// Send packets from a prefix by an uplink's table.
    case addRule(IPv6Prefix, uplink: UInt32)
    case removeRule(IPv6Prefix, uplink: UInt32)
    /// Make every address in a prefix local, without configuring any.
    case addLocalRoute(IPv6Prefix)
    case removeLocalRoute(IPv6Prefix)
}

/// An address that is to be configured.
public struct PlannedAddress: Equatable, Sendable {
    public var address: IPv6Address
    public var type: ContinuityType
    public var interfaceIndex: UInt32
    /// Neighbours may have it, so Duplicate Address Detection must come first (RFC 4862, section 5.4).
    public var detectsDuplicates: Bool

    public init(address: IPv6Address, type: ContinuityType, interfaceIndex: UInt32, detectsDuplicates: Bool) {
        self.address = address
        self.type = type
        self.interfaceIndex = interfaceIndex
        self.detectsDuplicates = detectsDuplicates
    }
}
