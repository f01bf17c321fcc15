import CLibc

/// A listening Unix socket at a path, which goes with it unless somebody else has opened it.
public struct LocalListener: ~Copyable {
    public enum Kind: Sendable {
        /// SOCK_SEQPACKET.
        case packets
        /// SOCK_STREAM.
        case stream

        var type: Int32 {
            switch self {
            case .packets: Int32(SOCK_SEQPACKET.rawValue)
            case .stream: Int32(SOCK_STREAM.rawValue)
            }
        }
    }

    /// Connections that the kernel holds for us until they are accepted; connect() waits when it is full. Not many more
    /// than may come while we do something else: they are in one line, whosoever they are.
    static let backlog: Int32 = 1024

    private let descriptor: Descriptor
    private let path: String
    /// The path is whoever's who passed the socket to us: it stays, and so do clients that wait there.
    private let isPassed: Bool
    public var number: Int32 { descriptor.number }

    private init(descriptor: consuming Descriptor, path: String, isPassed: Bool) {
        self.descriptor = descriptor
        self.path = path
        self.isPassed = isPassed
    }

    deinit {
        if !isPassed { unsafe unlink(path) }
    }

    /// What a descriptor is that was passed to us; nil if it is no listening Unix socket of a kind of ours.
    public static func kind(of number: Int32) -> Kind? {
        guard socketOption(SO_DOMAIN, of: number) == AF_UNIX, socketOption(SO_ACCEPTCONN, of: number) == 1
        else { return nil }
        let type = socketOption(SO_TYPE, of: number)
        return [Kind.packets, .stream].first { $0.type == type }
    }

    /// Takes over a listening socket that was passed to us.
    ///
    /// - Precondition: `kind(of:)` knows it.
    public static func adopting(_ number: Int32, path: String) throws(SystemError) -> LocalListener {
        let descriptor = Descriptor(adopting: number)
        _ = try check("make socket \(number) nonblocking") { odm_set_nonblocking(number) }
        return LocalListener(descriptor: descriptor, path: path, isPassed: true)
    }

    private static func socketOption(_ name: Int32, of number: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(number, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
    }

    /// Listens at `path`. What a dead process left there is replaced; a listener that answers is not.
    ///
    /// - Throws: EADDRINUSE when somebody listens there, and what socket(2), bind(2), chmod(2) say.
    public static func open(_ path: String, _ kind: Kind, mode: UInt32) throws(SystemError) -> LocalListener {
        let descriptor = try localSocket(kind)
        try removeStale(path, kind)
        let number = descriptor.number
        // Nobody may connect before the mode is right: bind() makes the file with the socket's own mode. The
        // umask would do it too, but for all threads of the process.
        _ = try check("fchmod \(path)") { fchmod(number, 0o600) }
        try unsafe withLocalSocketAddress(path) { (address, size) throws(SystemError) in
            _ = try check("bind \(path)") {
                unsafe bind(number, __CONST_SOCKADDR_ARG(__sockaddr__: address), size)
            }
        }
        let listener = LocalListener(descriptor: descriptor, path: path, isPassed: false)
        _ = try check("chmod \(path)") { unsafe chmod(path, mode) }
        _ = try check("listen at \(path)") { listen(number, backlog) }
        return listener
    }

    /// The next connection, or nil if none waits; blocking for `stream` is not set either.
    ///
    /// - Throws: EMFILE, ENFILE, ENOMEM. A connection that the client gave up meanwhile is nil.
    public func accept() throws(SystemError) -> Descriptor? {
        let listening = descriptor.number
        let outcome = retrying {
            unsafe accept4(
                listening, __SOCKADDR_ARG(), nil, Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue))
        }
        switch outcome.errno {
        case 0: return Descriptor(adopting: outcome.result)
        case EAGAIN, ECONNABORTED: return nil
        default: throw SystemError("accept at \(path)", errno: outcome.errno)
        }
    }

    /// Whether another connection waits: cheaper than accept() in vain.
    public var hasWaiting: Bool {
        var watched = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
        return retrying { unsafe poll(&watched, 1, 0) }.result > 0
    }

    /// Unlinks a socket at which nobody listens any more.
    private static func removeStale(_ path: String, _ kind: Kind) throws(SystemError) {
        let probe = try localSocket(kind)
        do {
            try connectLocal(probe, to: path)
        } catch {
            if error.errno == ECONNREFUSED { unsafe unlink(path) }
            if error.errno == EAGAIN { throw SystemError("listen at \(path)", errno: EADDRINUSE) }
            return
        }
        throw SystemError("listen at \(path)", errno: EADDRINUSE)
    }

    private static func localSocket(_ kind: Kind) throws(SystemError) -> Descriptor {
        let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        return Descriptor(adopting: try check("socket") { socket(AF_UNIX, kind.type | flags, 0) })
    }
}
