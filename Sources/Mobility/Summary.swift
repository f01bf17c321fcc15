// What administration shows of the state: copies, made on demand.

/// Where an address is in its life.
public enum AddressState: Equatable, Sendable {
    /// A source has been asked for a prefix.
    case acquiring
    /// The kernel has been told, and has not yet said that the address can be bound.
    case configuring
    /// In use, or held by the administrator.
    case active
    /// Without a user; removed when its linger time ends.
    case lingering
    /// The kernel is being asked to forget it.
    case removing
}

extension AddressState: CustomStringConvertible {
    public var description: String {
        switch self {
        case .acquiring: "acquiring"
        case .configuring: "configuring"
        case .active: "active"
        case .lingering: "lingering"
        case .removing: "removing"
        }
    }
}

/// As much of an address as is counted.
public struct AddressOutline: Equatable, Sendable {
    public var type: ContinuityType
    public var state: AddressState
    /// It comes to its end after a move.
    public var isEnding: Bool
    /// It came to its end, and sockets that the kernel could not end still have what is left of it.
    public var hasEnded: Bool
    /// Sockets that keep it.
    public var sockets: Int
}

public struct AddressSummary: Equatable, Sendable {
    public var address: IPv6Address
    public var type: ContinuityType
    public var state: AddressState
    /// Name of the source that the prefix came from; nil if the configuration no longer has it.
    public var source: String?
    /// Where the address is configured; nil for an address that is only routed here.
    public var interfaceIndex: UInt32?
    /// Sockets that keep it.
    public var sockets: Int
    /// Time since it was made, or taken over from an earlier run.
    public var age: Duration = .zero
    /// True while the administrator holds it.
    public var isHeld: Bool
    /// It is there for everybody at all times (`Acquire=boot`).
    public var isInitial = false
    /// The user or the one socket that it is reserved for; nil if everybody shares it.
    public var owner: AddressOwner?
    /// Time until a lingering address is looked at for removal; nil if it does not linger or does so for ever.
    public var lingerLeft: Duration?
    /// It comes to its end after a move; nil if it does not.
    public var end: AddressEnd?
}

/// How an address comes to its end.
public struct AddressEnd: Equatable, Sendable {
    /// Sockets that the kernel could not end still have what is left of it.
    public var isOver: Bool
    /// Time until it ends; nil if it stays until its last socket is closed.
    public var left: Duration?
    /// What new sockets get instead, as far as that is known.
    public var replacement: IPv6Address?
}

/// Whom an address is reserved for (`Share=`).
public enum AddressOwner: Equatable, Sendable {
    case user(UInt32)
    case socket(cookie: UInt64)
}

extension AddressOwner? {
    /// Several sockets may have the same address: everybody's, or those of one user.
    var isShared: Bool {
        switch self {
        case nil, .user: true
        case .socket: false
        }
    }
}

public struct SocketSummary: Equatable, Sendable {
    /// SO_COOKIE.
    public var cookie: UInt64
    public var address: IPv6Address
    public var type: ContinuityType
    /// IPPROTO_TCP, IPPROTO_UDP, …; 0 if not known.
    public var transport: UInt16
    public var user: UInt32
    /// Process that asked; 0 if the socket was found in the kernel.
    public var process: Int32
}

public struct SourceSummary: Equatable, Sendable {
    public var source: Source
    /// Addresses from it now, in any state.
    public var addresses: Int
    /// False while its interface is not there.
    public var isAvailable: Bool
}

/// The network that an uplink is on, as far as its routers say.
public struct NetworkSummary: Equatable, Sendable {
    public var interfaceIndex: UInt32
    public var interface: InterfaceName
    /// The router that packets leave by; nil if there is none.
    public var router: IPv6Address?
    /// What routers advertise there.
    public var prefixes: [IPv6Prefix]
    /// Time since the host came to this network; nil if it has no network there now, or is finding out which it is.
    public var age: Duration?
}
