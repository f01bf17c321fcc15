import CLibc

/// What a socket says of itself.
public struct SocketIdentity: Equatable, Sendable {
    /// SO_DOMAIN is AF_INET6.
    public var isIPv6: Bool
    /// SO_TYPE: SOCK_STREAM, …
    public var kind: Int32
    /// SO_PROTOCOL: IPPROTO_TCP, …
    public var transport: Int32
    /// SO_COOKIE: unique in its network namespace for the namespace's life.
    public var cookie: UInt64
    /// SO_NETNS_COOKIE: unique on this machine until it is started again.
    public var namespace: UInt64
    /// st_ino: by it the processes that hold the socket can be found. Used again once the socket is gone.
    public var inode: UInt32
}

extension SocketIdentity {
    /// The kernel tells when the socket is destroyed (sock_diag_broadcast_destroy(), to the groups
    /// SKNLGRP_INET6_TCP_DESTROY and SKNLGRP_INET6_UDP_DESTROY): of TCP and UDP sockets only, not of MPTCP and
    /// UDP-Lite ones, nor of raw ones, which may have the protocol number of either.
    public var isDeathAnnounced: Bool {
        switch transport {
        case Int32(IPPROTO_TCP): kind == Int32(SOCK_STREAM.rawValue)
        case Int32(IPPROTO_UDP): kind == Int32(SOCK_DGRAM.rawValue)
        default: false
        }
    }
}

/// Who is at the other end of a Unix socket (SO_PEERCRED), as of its connect().
public struct PeerCredentials: Equatable, Sendable {
    public var process: Int32
    public var user: UInt32
    public var group: UInt32
}

extension Descriptor {
    /// Reads a received socket's identity.
    ///
    /// - Throws: ENOTSOCK if the descriptor is no socket.
    public func socketIdentity() throws(SystemError) -> SocketIdentity {
        SocketIdentity(
            isIPv6: try option(SO_DOMAIN, 0 as Int32) == AF_INET6, kind: try option(SO_TYPE, 0 as Int32),
            transport: try option(SO_PROTOCOL, 0 as Int32),
            cookie: try option(SO_COOKIE, 0 as UInt64), namespace: try option(SO_NETNS_COOKIE, 0 as UInt64),
            inode: try inode())
    }

    /// The kernel's inode numbers of sockets have 32 bits (get_next_ino()).
    private func inode() throws(SystemError) -> UInt32 {
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else {
            throw SystemError("read socket inode", errno: odm_errno())
        }
        return UInt32(truncatingIfNeeded: status.st_ino)
    }

    /// Reads SO_PEERCRED.
    public func peerCredentials() throws(SystemError) -> PeerCredentials {
        let credentials = try option(SO_PEERCRED, ucred())
        return PeerCredentials(process: credentials.pid, user: credentials.uid, group: credentials.gid)
    }

    /// Reads SO_PEERGROUPS: the supplementary groups of whoever is at the other end, as of its connect().
    public func peerGroups() throws(SystemError) -> [UInt32] {
        // Most users have fewer than this; the kernel says how many there are if they are more.
        var groups = [UInt32](repeating: 0, count: 32)
        while true {
            var size = socklen_t(groups.count * MemoryLayout<UInt32>.size)
            let result = unsafe getsockopt(number, SOL_SOCKET, SO_PEERGROUPS, &groups, &size)
            let count = Int(size) / MemoryLayout<UInt32>.size
            if result == 0 { return Array(groups.prefix(count)) }
            guard odm_errno() == ERANGE, count > groups.count else {
                throw SystemError("read groups of a peer", errno: odm_errno())
            }
            groups = [UInt32](repeating: 0, count: count)
        }
    }

    /// Lets the socket bind to any address in a prefix that is routed here (IPV6_FREEBIND).
    public func allowFreeBind() throws(SystemError) {
        let number = number
        var yes: Int32 = 1
        _ = try check("set IPV6_FREEBIND") {
            unsafe setsockopt(number, Int32(IPPROTO_IPV6), IPV6_FREEBIND, &yes, 4)
        }
    }

    fileprivate var requiresOnNet: Bool {
        var preferences: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        let level = Int32(IPPROTO_IPV6)
        let result = unsafe getsockopt(number, level, IPV6_ADDR_PREFERENCES, &preferences, &size)
        return result == 0 && preferences & Self.requireSourceOnNet != 0
    }

    /// IPV6_REQUIRE_SRC_ON_NET of odm/setsc.h.
    private static var requireSourceOnNet: Int32 { 0x10000 }

    /// The cookie of the network namespace that this process makes sockets in.
    public static func ownNamespaceCookie() throws(SystemError) -> UInt64 {
        let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
        let probe = Descriptor(adopting: try check("socket") { socket(AF_UNIX, type, 0) })
        return try probe.option(SO_NETNS_COOKIE, 0 as UInt64)
    }

    @inline(__always)
    fileprivate func option<Value: BitwiseCopyable>(_ name: Int32, _ empty: Value) throws(SystemError)
        -> Value
    {
        var value = empty
        var size = socklen_t(MemoryLayout<Value>.size)
        let result = unsafe getsockopt(number, SOL_SOCKET, name, &value, &size)
        guard result == 0 else { throw SystemError("read socket option \(name)", errno: odm_errno()) }
        return value
    }
}

extension Packet {
    /// The identity of the socket that came with the packet; nil if none did.
    ///
    /// - Throws: ENOTSOCK if the descriptor is no socket.
    public func receivedSocketIdentity() throws(SystemError) -> SocketIdentity? {
        switch descriptor {
        case .some(let descriptor): try descriptor.socketIdentity()
        case .none: nil
        }
    }

    /// Whether the socket that came with the packet has IPV6_REQUIRE_SRC_ON_NET set, where the kernel keeps that bit.
    public var receivedSocketRequiresOnNet: Bool {
        switch descriptor {
        case .some(let descriptor): descriptor.requiresOnNet
        case .none: false
        }
    }

    /// Lets the socket that came with the packet bind to any address in a prefix that is routed here.
    public func allowFreeBind() throws(SystemError) {
        switch descriptor {
        case .some(let descriptor): try descriptor.allowFreeBind()
        case .none: return
        }
    }
}
