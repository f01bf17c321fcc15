internal import CNetlink
public import Mobility

/// The sock_diag socket by which sockets are looked for.
public final class SocketDiagnosis {
    private let requests: RequestSocket
    private let filter = SocketFilter()

    private init(_ requests: RequestSocket) {
        self.requests = requests
    }

    public static func open() throws(KernelError) -> SocketDiagnosis {
        SocketDiagnosis(try RequestSocket(NETLINK_SOCK_DIAG, for: .openSocketDiagnosis))
    }

    /// Tells `body` the TCP and UDP sockets whose own address is in `prefix`: bound, listening, connected,
    /// accepted, or what is left of them in TIME-WAIT. One may be told of more than once.
    ///
    /// A kernel before 6.8 does not list TCP sockets that are bound and nothing else.
    ///
    /// - Throws: ENOENT if the kernel was built without such lists, EINTR if they changed each time.
    public func sockets(
        boundIn prefix: IPv6Prefix, _ body: (FoundSocket) -> Void
    ) throws(KernelError) {
        for transport in [UInt16(IPPROTO_TCP), UInt16(IPPROTO_UDP)] {
            let header = unsafe filter.matching(prefix, transport)
            try unsafe requests.dump(header, .listSockets(boundIn: prefix)) { message in
                if let socket = FoundSocket(message, transport: transport) { body(socket) }
            }
        }
    }
}

/// A request for the sockets of one transport that are bound in one prefix, laid out once and filled in for
/// each.
@safe private struct SocketFilter: ~Copyable {
    private let request = NetlinkRequest(Int(SOCK_DIAG_BY_FAMILY), flags: NLM_F_DUMP)
    private let program: UnsafeMutableRawPointer

    private static let operationOctets = MemoryLayout<inet_diag_bc_op>.size
    private static let conditionOctets = MemoryLayout<inet_diag_hostcond>.size
    private static let programOctets = operationOctets + conditionOctets + 16

    init() {
        request.append(inet_diag_req_v2())
        unsafe program = request.reserve(Int(INET_DIAG_REQ_BYTECODE), octets: Self.programOctets)
    }

    /// - Returns: the message, which stays the filter's.
    @unsafe func matching(_ prefix: IPv6Prefix, _ transport: UInt16) -> UnsafeMutablePointer<nlmsghdr> {
        var header = inet_diag_req_v2()
        header.sdiag_family = UInt8(AF_INET6)
        header.sdiag_protocol = UInt8(transport)
        // Every state, also those without a name: bit 13 (TCP_BOUND_INACTIVE) asks for sockets that are only
        // bound.
        header.idiag_states = .max
        unsafe nlmsg_data(request.header).storeBytes(of: header, as: inet_diag_req_v2.self)
        writeProgram(prefix)
        return unsafe request.header
    }

    /// One condition. To match is to end exactly at the end of the program; four octets past it is not to.
    private func writeProgram(_ prefix: IPv6Prefix) {
        let end = Self.programOctets
        let operation = inet_diag_bc_op(
            code: UInt8(INET_DIAG_BC_S_COND), yes: UInt8(end),
            no: UInt16(end + MemoryLayout<inet_diag_bc_op>.size))
        var condition = inet_diag_hostcond()
        condition.family = UInt8(AF_INET6)
        condition.prefix_len = prefix.length
        condition.port = -1
        unsafe program.storeBytes(of: operation, as: inet_diag_bc_op.self)
        unsafe (program + Self.operationOctets).storeBytes(of: condition, as: inet_diag_hostcond.self)
        unsafe (program + Self.operationOctets + Self.conditionOctets).store(prefix.address)
    }
}
