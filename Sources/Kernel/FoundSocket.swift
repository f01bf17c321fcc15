internal import CNetlink
public import Mobility

/// A socket as sock_diag lists it.
public struct FoundSocket: Equatable, Sendable {
    /// SO_COOKIE.
    public var cookie: UInt64
    /// The address that it is bound to or connected from.
    public var address: IPv6Address
    /// IPPROTO_TCP or IPPROTO_UDP.
    public var transport: UInt16
    public var user: UInt32
    /// Of the socket's file; 0 if no process holds it any more.
    public var inode: UInt32
    /// What is left of a TCP connection that this side closed first: no socket any more, but the address is
    /// in use.
    public var isTimeWait: Bool
    public var timeWaitLeft: Duration? { isTimeWait ? .seconds(1) : nil }
    public var isDeathAnnounced: Bool { true }

    public init(
        cookie: UInt64, address: IPv6Address, transport: UInt16, user: UInt32, inode: UInt32,
        isTimeWait: Bool
    ) {
        self.cookie = cookie
        self.address = address
        self.transport = transport
        self.user = user
        self.inode = inode
        self.isTimeWait = isTimeWait
    }
}

extension FoundSocket {
    /// SOCK_DIAG_BY_FAMILY; nil if it is of another family or malformed.
    init?(_ message: NetlinkMessage, transport: UInt16) {
        guard let found = message.familyHeader(as: inet_diag_msg.self), found.idiag_family == AF_INET6 else {
            return nil
        }
        self.init(
            cookie: found.id.cookie,
            address: unsafe withUnsafeBytes(of: found.id.idiag_src) { unsafe $0.address },
            transport: transport, user: found.idiag_uid, inode: found.idiag_inode,
            // The kernel says so in two ways, and of FIN-WAIT-2 without a socket only in the first.
            isTimeWait: found.idiag_timer == Self.timeWaitTimer || found.idiag_state == Self.timeWaitState)
    }

    /// Not named in a header: `r->idiag_timer = 3` in inet_twsk_diag_fill().
    private static let timeWaitTimer: UInt8 = 3
    /// TCP_TIME_WAIT of <netinet/tcp.h>.
    private static let timeWaitState: UInt8 = 6
}

extension inet_diag_sockid {
    var cookie: UInt64 { UInt64(idiag_cookie.0) | UInt64(idiag_cookie.1) << 32 }
}
