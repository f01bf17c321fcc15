import Wire

/// Asks odmd, the daemon of on-demand mobility, for source addresses (RFC 8653).
///
///     let client = MobilityClient()
///     let source = try await client.setsc(socket, .sessionLasting, within: .seconds(5))
///     try bindSource(socket, to: source)
///
/// Each call is there twice. In an async function it waits without a thread, and a task that is cancelled takes its
/// request back. Elsewhere it keeps its thread waiting. A call may be made from any thread; SIGPIPE is never raised,
/// and no descriptor stays open but that of a watch.
///
/// It speaks the frames of the setsc socket itself (`Wire`) instead of calling libodm: that would have to be installed
/// first, its calls cannot be cancelled with a task, and Embedded Swift must not be linked into ordinary Swift. It
/// imports Glibc, as no other target here does: CLibc needs a compiler flag, and SwiftPM lets nobody depend on a
/// version of a package with such flags.
public struct MobilityClient: Hashable, Sendable {
    /// Where the daemon listens.
    public let path: String

    /// Of the daemon at the path in the environment variable ODM_SOCKET, or at /run/odm/setsc. The variable counts for
    /// nothing if it is empty, and where the program's effective user or group is not the real one.
    public init() {
        let path = SystemCalls.trustedEnvironment("ODM_SOCKET") ?? ""
        self.init(path: path.isEmpty ? "/run/odm/setsc" : path)
    }

    /// Of the daemon at a path.
    public init(path: String) { self.path = path }

    /// Gets an address of a type for a socket. The socket is not changed: bind it to the address.
    ///
    /// - Parameters:
    ///   - socket: the descriptor of an IPv6 socket, TCP, UDP or other. It stays the caller's.
    ///   - type: the continuity type.
    ///   - flags: `onNet` for a new address from a new prefix.
    ///   - duration: how long to wait at most; nil: as long as the daemon takes (RequestTimeoutSec=, 10 seconds if
    ///     it is not configured otherwise).
    /// - Throws: `notSupported`, `failed` and `system`, as described there.
    public func setsc(
        _ socket: Int32, _ type: ContinuityType, flags: RequestFlags = [], within duration: Duration? = nil
    ) throws(MobilityError) -> IPv6Address {
        let question = try Question(.setsc, type, flags, about: socket, path: path, within: duration)
        return try question.ask().answer.address
    }

    /// Gets an address of a type for a socket, without keeping a thread waiting.
    ///
    /// - Throws: the same as the call that waits, and `cancelled`.
    public func setsc(
        _ socket: Int32, _ type: ContinuityType, flags: RequestFlags = [], within duration: Duration? = nil
    ) async throws(MobilityError) -> IPv6Address {
        let question = try Question(.setsc, type, flags, about: socket, path: path, within: duration)
        return try await question.ask().answer.address
    }

    /// Which address a socket was given last, and of which type.
    ///
    /// - Throws: what `setsc` does, and `system` with ENOENT if the socket was given none.
    public func getsc(_ socket: Int32, within duration: Duration? = nil) throws(MobilityError)
        -> SourceAddress
    {
        try Question(.getsc, about: socket, path: path, within: duration).ask().answer
    }

    /// Which address a socket was given last, without keeping a thread waiting.
    ///
    /// - Throws: the same as the call that waits, and `cancelled`.
    public func getsc(_ socket: Int32, within duration: Duration? = nil) async throws(MobilityError)
        -> SourceAddress
    {
        try await Question(.getsc, about: socket, path: path, within: duration).ask().answer
    }

    /// Begins to watch what becomes of the addresses that a socket was given, and is given from now on.
    ///
    /// If the address that the socket was given last is already deprecated, that is the first event. The watch does not
    /// keep the socket open. One user can have 192.
    ///
    /// - Parameter duration: how long to wait for the daemon's answer, not for events.
    /// - Throws: what `getsc` does.
    public func watch(_ socket: Int32, within duration: Duration? = nil) throws(MobilityError) -> AddressWatch
    {
        AddressWatch(try Question(.watch, about: socket, path: path, within: duration).ask())
    }

    /// Begins to watch the addresses of a socket, without keeping a thread waiting.
    ///
    /// - Throws: the same as the call that waits, and `cancelled`.
    public func watch(_ socket: Int32, within duration: Duration? = nil) async throws(MobilityError)
        -> AddressWatch
    {
        AddressWatch(try await Question(.watch, about: socket, path: path, within: duration).ask())
    }
}

/// Binds a socket to an address that it was given (bind(2)).
///
/// - Parameter port: 0 for one that the kernel chooses.
/// - Throws: `system` with what bind(2) says.
public func bindSource(_ socket: Int32, to address: IPv6Address, port: UInt16 = 0) throws(MobilityError) {
    let errno = SystemCalls.bind(socket, to: address.octets, port: port)
    guard errno == 0 else { throw .system(errno) }
}
