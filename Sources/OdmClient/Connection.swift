import CLibc

/// A connection to the daemon: one request and its answer, or a watch. It is closed when the value goes.
struct Connection: ~Copyable {
    /// -1 once it is the caller's.
    private(set) var descriptor: CInt

    /// Takes over an open connection.
    init(adopting descriptor: CInt) { self.descriptor = descriptor }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The descriptor, which is the caller's from now on.
    consuming func release() -> CInt {
        defer { descriptor = -1 }
        return descriptor
    }

    /// Whether a descriptor's calls wait, or return EAGAIN.
    enum Blocking { case blocks, doesNotBlock }

    /// Connects to the daemon.
    ///
    /// - Throws: `notSupported` if there is none that this process can reach; `failed` with EAGAIN if its queue is
    ///   full and the connection may not wait; `system` if there is no room for a descriptor.
    static func open(_ blocking: Blocking) throws(Failure) -> Connection {
        let type = CInt(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue)
        let extra = blocking == .blocks ? 0 : CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, type | extra, 0)
        guard descriptor >= 0 else { throw .system(odm_errno()) }
        let connection = Connection(adopting: descriptor)
        try connection.connect(to: DaemonAddress.current())
        return connection
    }

    private func connect(to daemon: DaemonAddress) throws(Failure) {
        let errno = unsafe withUnsafePointer(to: daemon.address) { path in
            unsafe path.withMemoryRebound(to: sockaddr.self, capacity: 1) { path in
                // A local connect() that was interrupted has not begun, so it can be made again.
                let address = unsafe __CONST_SOCKADDR_ARG(__sockaddr__: path)
                return errnoOf { unsafe Int(CLibc.connect(descriptor, address, daemon.length)) }
            }
        }
        switch errno {
        case 0: return
        case EAGAIN: throw .failed(EAGAIN)
        case ENOMEM, ENOBUFS: throw .system(errno)
        default: throw .notSupported(errno)
        }
    }

    /// Sends a request, and the socket that it is about with it.
    ///
    /// - Throws: EBADF if the socket was closed meanwhile; ETOOMANYREFS and the like if the kernel carries no more
    ///   descriptors for this user.
    func send(_ request: Request, about socket: CInt) throws(Failure) {
        switch sendFrame(of: request, with: PassedDescriptor(socket)) {
        // A daemon that is too busy may answer and close before it has read anything. The answer can still be
        // read; if there is none, that is noticed there too.
        case 0, EPIPE, ECONNRESET: return
        case EBADF: throw .system(EBADF)
        case let errno: throw .failed(errno)
        }
    }

    /// One sendmsg(2), and its errno.
    private func sendFrame(of request: Request, with passed: PassedDescriptor) -> CInt {
        var frame = InlineArray<16, UInt8>(repeating: 0)
        var octets = frame.mutableSpan
        request.encode(into: &octets)
        var passed = passed
        return unsafe withUnsafeMutablePointer(to: &frame) { frame in
            unsafe withUnsafeMutablePointer(to: &passed) { passed in
                var part = unsafe iovec(iov_base: frame, iov_len: Request.size)
                return unsafe withUnsafeMutablePointer(to: &part) { part in
                    var message = unsafe msghdr()
                    unsafe message.msg_iov = part
                    unsafe message.msg_iovlen = 1
                    unsafe message.msg_control = UnsafeMutableRawPointer(passed)
                    unsafe message.msg_controllen = PassedDescriptor.size
                    return errnoOf {
                        unsafe sendmsg(descriptor, &message, CInt(MSG_NOSIGNAL))
                    }
                }
            }
        }
    }

    /// Waits for the answer to a request.
    ///
    /// - Throws: ECONNRESET if the daemon ended first, EBADMSG if what came is no answer to such a request.
    func receive(
        _ operation: Request.Operation, _ patience: Patience = .waits
    ) throws(Failure) -> Reply {
        var frame = InlineArray<32, UInt8>(repeating: 0)
        let count = try unsafe withUnsafeMutableBytes(of: &frame) { (room) throws(Failure) in
            try unsafe receivePacket(from: descriptor, into: room, patience)
        }
        guard count > 0 else { throw .failed(ECONNRESET) }
        guard count == Reply.size else { throw .failed(EBADMSG) }
        return try Reply(frame.span, answering: operation)
    }
}

/// SCM_RIGHTS with one descriptor.
private struct PassedDescriptor {
    /// CMSG_LEN of one descriptor.
    static let size = MemoryLayout<cmsghdr>.size + MemoryLayout<CInt>.size

    let header: cmsghdr
    let descriptor: CInt

    init(_ descriptor: CInt) {
        var header = cmsghdr()
        header.cmsg_len = PassedDescriptor.size
        header.cmsg_level = SOL_SOCKET
        header.cmsg_type = CInt(SCM_RIGHTS)
        self.header = header
        self.descriptor = descriptor
    }
}

/// Makes a system call until it is not interrupted, and returns its errno, 0 if it succeeds.
@inline(__always)
private func errnoOf(_ systemCall: () -> Int) -> CInt {
    while systemCall() < 0 {
        let errno = odm_errno()
        if errno != EINTR { return errno }
    }
    return 0
}
