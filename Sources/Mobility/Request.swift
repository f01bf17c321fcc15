/// Names one request from its arrival to its answer; the daemon gives it out.
public struct RequestID: Hashable, Sendable {
    public var number: UInt64
    public init(_ number: UInt64) { self.number = number }

    /// Of what nobody has asked for: the daemon numbers requests from 1.
    static let nobody = RequestID(0)
}

/// SO_COOKIE: names a socket for the life of its network namespace, and is never given to another.
public typealias SocketCookie = UInt64

/// A socket and who speaks for it.
public struct Requester: Equatable, Sendable {
    public var cookie: SocketCookie
    /// IPPROTO_TCP, IPPROTO_UDP, …
    public var transport: UInt16
    /// Effective user of the process when it connected to us.
    public var user: UInt32
    /// `unknownProcess` if the process is in a PID namespace that we cannot see into.
    public var process: Int32
    /// Of the socket's file: by it the processes that hold the socket can be found.
    public var inode: UInt32
    /// The kernel tells when the socket is destroyed, as it does of TCP and UDP sockets only.
    public var isDeathAnnounced: Bool

    public static let unknownProcess: Int32 = -1
    /// The process that asked is gone, and its number may be another's by now.
    public static let goneProcess: Int32 = -2

    public init(
        cookie: SocketCookie, transport: UInt16, user: UInt32, process: Int32, inode: UInt32 = 0,
        isDeathAnnounced: Bool = true
    ) {
        self.cookie = cookie
        self.transport = transport
        self.user = user
        self.process = process
        self.inode = inode
        self.isDeathAnnounced = isDeathAnnounced
    }
}

/// What is asked for: setsc() for a socket, or an address that the administrator wants held.
public struct AddressRequest: Equatable, Sendable {
    public var id: RequestID
    public var type: ContinuityType
    /// IPV6_REQUIRE_SRC_ON_NET: a new address from a new prefix.
    public var onNet: Bool
    /// The socket; nil for the administrator, and for a replacement.
    public var requester: Requester?
    /// What the policy asks of the process besides its user; nil if it asks for nothing.
    public var standing: Standing?
    /// Nobody waits for the answer: the rules ask for an address in the place of another.
    var replacement: Replacement?
    /// Nobody waits for the answer: an address is to be there before anybody asks.
    var isInitial = false

    public init(id: RequestID, type: ContinuityType, onNet: Bool = false, requester: Requester?) {
        self.id = id
        self.type = type
        self.onNet = onNet
        self.requester = requester
    }

    init(id: RequestID, type: ContinuityType, replacement: Replacement) {
        self.init(id: id, type: type, requester: nil)
        self.replacement = replacement
    }
}

/// The answer to a request.
public enum Answer: Equatable, Sendable {
    case granted(Grant)
    case refused(Refusal)
}

public struct Grant: Equatable, Sendable {
    public var address: IPv6Address
    public var type: ContinuityType
    /// The address is nowhere configured: the socket needs IPV6_FREEBIND to bind to it.
    public var needsFreeBind: Bool

    public init(address: IPv6Address, type: ContinuityType, needsFreeBind: Bool = false) {
        self.address = address
        self.type = type
        self.needsFreeBind = needsFreeBind
    }
}

/// Why a request was not granted.
public enum Refusal: Equatable, Sendable {
    /// A rule of the policy does not let whoever asks have the type; its place.
    case denied(rule: Int)
    /// The user has as much as a rule of the policy lets him have; its place.
    case overQuota(rule: Int)
    /// The user has `Rules.networkRequestsPerUser` requests at the network.
    case tooManyNetworkRequests
    /// No source is configured for the type.
    case noSource
    /// Every prefix, or every address that `MaxAddresses=` allows, is in use.
    case exhausted
    /// Neighbours on the link have each address that was tried (RFC 4862, section 5.4).
    case duplicate
    /// The interface of the source is not there.
    case noNetwork
    /// Whoever was asked has no prefix of the type, or gives us none.
    case networkRefused
    /// One socket may be given `Rules.addressesPerSocket` addresses, and has them.
    case tooManyAddresses
    /// `SocketRecord.limit` sockets are tracked.
    case tooManySockets
    /// The socket was closed before the answer was there.
    case socketDestroyed
    /// Not answered within `RequestTimeoutSec=`.
    case timedOut
    /// The kernel refused the address, or there is no room to keep a record; an errno.
    case kernel(Int32)
}
