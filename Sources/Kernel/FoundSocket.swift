internal import CNetlink
public import Mobility

/// A socket as the kernel lists it.
public struct FoundSocket: Equatable, Sendable {
    /// SO_COOKIE; a number that no cookie is where the list does not say it (`standIn(forInode:)`).
    public var cookie: UInt64
    /// The address that it is bound to or connected from.
    public var address: IPv6Address
    /// SO_PROTOCOL: IPPROTO_TCP, IPPROTO_UDP, …; the subflows of MPTCP sockets are listed as TCP.
    public var transport: UInt16
    public var user: UInt32
    /// Of the socket's file; 0 if no process holds it any more, or not yet.
    public var inode: UInt32
    /// Time until the kernel forgets what is left of a TCP connection that this side closed first: no socket any
    /// more, but the address is in use. Nil for a socket.
    public var timeWaitLeft: Duration?
    /// The kernel tells when it is destroyed (SKNLGRP_INET6_TCP_DESTROY, SKNLGRP_INET6_UDP_DESTROY).
    public var isDeathAnnounced: Bool

    public init(
        cookie: UInt64, address: IPv6Address, transport: UInt16, user: UInt32, inode: UInt32,
        timeWaitLeft: Duration? = nil, isDeathAnnounced: Bool = true
    ) {
        self.cookie = cookie
        self.address = address
        self.transport = transport
        self.user = user
        self.inode = inode
        self.timeWaitLeft = timeWaitLeft
        self.isDeathAnnounced = isDeathAnnounced
    }

    /// Cookies are counted up from one; of all sockets that are there, the inode is nobody else's.
    public static func standIn(forInode inode: UInt32) -> UInt64 { 1 << 63 | UInt64(inode) }
}

extension FoundSocket {
    /// SOCK_DIAG_BY_FAMILY; nil if it is of another family or malformed.
    init?(_ message: NetlinkMessage, in list: SocketList) {
        guard let found = message.familyHeader(as: inet_diag_msg.self), found.idiag_family == AF_INET6 else {
            return nil
        }
        self.init(
            cookie: found.id.cookie,
            address: unsafe withUnsafeBytes(of: found.id.idiag_src) { unsafe $0.address },
            transport: list.transport(of: found), user: found.idiag_uid, inode: found.idiag_inode)
        switch list {
        case .tcp:
            if found.isTimeWait { timeWaitLeft = .milliseconds(found.idiag_expires) }
            isDeathAnnounced = !found.isTimeWait && !found.isConnectionRequest
        case .udp: isDeathAnnounced = true
        case .udpLite, .raw: isDeathAnnounced = false
        }
    }
}

/// A list of sockets that sock_diag makes.
enum SocketList: CaseIterable {
    case tcp, udp, udpLite, raw

    /// sdiag_protocol. Raw sockets of all protocols are in one list (raw_diag.c).
    var number: Int {
        switch self {
        case .tcp: IPPROTO_TCP
        case .udp: IPPROTO_UDP
        case .udpLite: IPPROTO_UDPLITE
        case .raw: IPPROTO_RAW
        }
    }

    fileprivate func transport(of socket: inet_diag_msg) -> UInt16 {
        // A raw socket has its protocol where others have the port (inet_create()).
        self == .raw ? UInt16(bigEndian: socket.id.idiag_sport) : UInt16(number)
    }
}

// TCP_TIME_WAIT and TCP_SYN_RECV are those of <netinet/tcp.h>.
extension inet_diag_msg {
    /// The kernel says so in two ways, and of FIN-WAIT-2 without a socket only in the first, which is not named
    /// in a header: `r->idiag_timer = 3` in inet_twsk_diag_fill().
    var isTimeWait: Bool { idiag_timer == 3 || idiag_state == 6 }

    /// Half of a connection, which is no socket yet: it becomes one, with the same cookie, or goes in silence.
    fileprivate var isConnectionRequest: Bool { idiag_state == 3 && idiag_inode == 0 }
}

extension inet_diag_sockid {
    var cookie: UInt64 { UInt64(idiag_cookie.0) | UInt64(idiag_cookie.1) << 32 }
}
