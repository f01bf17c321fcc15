internal import CNetlink

/// An open netlink socket and the buffer that it receives into.
///
/// libnl opens and names it; sending and receiving are done here, because libnl allocates for every message,
/// and reads each twice to learn its length.
@safe struct NetlinkSocket: ~Copyable {
    /// What the kernel sends in one piece is at most this long (netlink_dump() and NLMSG_GOODSIZE).
    static let bufferOctets = 32 << 10

    private let handle: OpaquePointer
    private let buffer: UnsafeMutableRawBufferPointer
    private(set) var descriptor: Int32 = -1

    private init(adopting handle: OpaquePointer) {
        unsafe self.handle = handle
        unsafe buffer = .allocate(byteCount: Self.bufferOctets, alignment: 16)
    }

    /// - Parameter family: NETLINK_ROUTE or NETLINK_SOCK_DIAG.
    static func open(
        _ family: Int32, for operation: KernelError.Operation
    ) throws(KernelError) -> NetlinkSocket {
        guard let handle = unsafe nl_socket_alloc() else {
            throw KernelError(operation: operation, errno: ENOMEM)
        }
        var socket = unsafe NetlinkSocket(adopting: handle)
        // libnl's codes are fewer than the kernel's, which it leaves in errno.
        guard unsafe nl_connect(handle, family) >= 0 else {
            throw KernelError(operation: operation, errno: odm_errno())
        }
        socket.descriptor = unsafe nl_socket_get_fd(handle)
        return socket
    }

    /// Its address (nl_pid).
    var port: UInt32 { unsafe nl_socket_get_local_port(handle) }

    deinit {
        unsafe nl_socket_free(handle)
        unsafe buffer.deallocate()
    }

    /// Joins a multicast group (NETLINK_ADD_MEMBERSHIP).
    func join(_ group: UInt32, for operation: KernelError.Operation) throws(KernelError) {
        guard unsafe nl_socket_add_membership(handle, Int32(group)) >= 0 else {
            throw KernelError(operation: operation, errno: odm_errno())
        }
    }

    /// - Returns: 0 or the errno.
    func setOption(_ level: Int32, _ name: Int32, _ value: Int32 = 1) -> Int32 {
        var value = value
        let size = socklen_t(MemoryLayout<Int32>.size)
        return unsafe setsockopt(descriptor, level, name, &value, size) == 0 ? 0 : odm_errno()
    }

    /// Sends a request to the kernel, which has acted on it when this returns.
    ///
    /// - Returns: 0 or the errno.
    @unsafe func send(_ header: UnsafeMutablePointer<nlmsghdr>) -> Int32 {
        let octets = unsafe Int(header.pointee.nlmsg_len)
        return Self.retryingWhenInterrupted { unsafe CNetlink.send(descriptor, header, octets, 0) }.errno
    }

    /// What a receive brought.
    enum Received {
        /// Messages, to be read before the next receive.
        case messages(NetlinkMessages)
        case nothing
        /// The kernel had no room, and threw messages away (ENOBUFS).
        case overrun
        case failure(errno: Int32)
    }

    /// Takes the next datagram without waiting, by recv(): recvmmsg() can take the ENOBUFS of an overrun
    /// without ending the overrun, and the socket stays deaf for ever.
    func receive(peeking: Bool = false) -> Received {
        let flags = Int32(MSG_DONTWAIT | MSG_TRUNC | (peeking ? MSG_PEEK : 0))
        let (count, errno) = Self.retryingWhenInterrupted {
            unsafe recv(descriptor, buffer.baseAddress, buffer.count, flags)
        }
        switch errno {
        case 0:
            // A message that is longer than any that we ask for has lost its end: as bad as lost.
            guard count <= Self.bufferOctets else { return .overrun }
            return unsafe .messages(NetlinkMessages(in: buffer, octets: count))
        case EAGAIN: return .nothing
        case ENOBUFS: return .overrun
        default: return .failure(errno: errno)
        }
    }

    private static func retryingWhenInterrupted(_ call: () -> Int) -> (count: Int, errno: Int32) {
        while true {
            let count = call()
            if count >= 0 { return (count, 0) }
            let errno = odm_errno()
            if errno != EINTR { return (count, errno) }
        }
    }
}
