import CLibc
import Mobility
import Posix
import Wire

/// Turns a packet into a request of the rules, or says what is wrong with it.
struct RequestReader {
    enum Reading {
        case setsc(ContinuityType, Request.Flags, Requester)
        case getsc(SocketCookie)
        case watch(SocketCookie)
    }

    private let namespace: UInt64

    /// Sockets of other network namespaces than the daemon's are refused: the addresses are not there.
    init() throws(SystemError) {
        namespace = try Descriptor.ownNamespaceCookie()
    }

    /// Reads the frame, the socket that came with it, and who sent it. The socket stays with the packet.
    ///
    /// - Parameter kernelKeepsOnNet: IPV6_REQUIRE_SRC_ON_NET is an option of the socket, as any other.
    func read(
        _ packet: borrowing Packet, from connection: borrowing Descriptor, kernelKeepsOnNet: Bool
    ) throws(Misrequest) -> Reading {
        let request = try frame(of: packet)
        let identity = try packet.socketIdentity(for: request)
        guard identity.isIPv6 else { throw Misrequest(request, EAFNOSUPPORT) }
        guard identity.namespace == namespace else { throw Misrequest(request, EXDEV, .notSupported) }
        switch request.operation {
        case .getsc, .watch:
            guard request.type == 0, request.flags.isEmpty else { throw Misrequest(request, EINVAL) }
            return request.operation == .getsc ? .getsc(identity.cookie) : .watch(identity.cookie)
        case .setsc:
            guard let type = ContinuityType(rawValue: request.type) else { throw Misrequest(request, EINVAL) }
            guard let peer = try? connection.peerCredentials() else { throw Misrequest(request, EBADF) }
            let requester = Requester(
                cookie: identity.cookie, transport: UInt16(truncatingIfNeeded: identity.transport),
                user: peer.user, process: peer.process == 0 ? Requester.unknownProcess : peer.process,
                inode: identity.inode, isDeathAnnounced: identity.isDeathAnnounced)
            var flags = request.flags
            if kernelKeepsOnNet, packet.receivedSocketRequiresOnNet { flags.insert(.onNet) }
            return .setsc(type, flags, requester)
        }
    }

    private func frame(of packet: borrowing Packet) throws(Misrequest) -> Request {
        let kept = packet.octets.span
        do {
            return try Request(decoding: kept.extracting(0..<min(packet.length, kept.count)))
        } catch {
            throw Misrequest(error)
        }
    }
}

extension Daemon {
    /// What is asked on a program's behalf counts for nothing where the program has asked itself.
    func requireNoGrant(of cookie: SocketCookie) throws(Misrequest) {
        guard !isGiven(cookie) else { throw Misrequest(.setsc, .callerError, EALREADY) }
    }
}

extension Packet {
    /// Prepares the socket for an address that is nowhere configured.
    func allowFreeBindForSetsc() throws(Misrequest) {
        do { try allowFreeBind() } catch { throw Misrequest(.setsc, .failed, error.errno) }
    }

    fileprivate func socketIdentity(for request: Request) throws(Misrequest) -> SocketIdentity {
        guard !lacksDescriptor else { throw Misrequest(request, EMFILE, .failed) }
        guard descriptorCount < 2 else { throw Misrequest(request, EINVAL) }
        let identity: SocketIdentity?
        do { identity = try receivedSocketIdentity() } catch { throw Misrequest(request, ENOTSOCK) }
        guard let identity else { throw Misrequest(request, EBADF) }
        return identity
    }
}

/// A request that is refused before the rules hear of it.
struct Misrequest: Error {
    let operation: UInt8
    let status: Reply.Status
    let errno: Int32

    init(_ operation: Request.Operation, _ status: Reply.Status, _ errno: Int32) {
        self.operation = operation.rawValue
        self.status = status
        self.errno = errno
    }

    init(_ request: Request, _ errno: Int32, _ status: Reply.Status = .callerError) {
        self.init(request.operation, status, errno)
    }

    init(_ error: FrameError) {
        operation = 0
        status = .callerError
        errno =
            switch error {
            case .wrongLength, .notOurs, .unknownStatus, .unknownEvent: EBADMSG
            case .unsupportedVersion: EPROTONOSUPPORT
            case .unknownOperation: EOPNOTSUPP
            case .reservedBitsSet: EINVAL
            }
    }

    /// There is no room for another client.
    init(tooMany errno: Int32) {
        operation = 0
        status = .failed
        self.errno = errno
    }

    var reply: Reply { Reply(operation: operation, status: status, errno: errno) }
}
