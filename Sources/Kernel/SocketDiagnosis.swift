internal import CNetlink
public import Mobility

/// Where sockets are looked for: the lists of sock_diag, and those of /proc/net where sock_diag has none.
public final class SocketDiagnosis {
    let requests: RequestSocket
    private let filter = SocketFilter()
    private let counts = ProcSocketFile("sockstat6")
    private let raw = ProcSocketFile("raw6")
    private let ping = ProcSocketFile("icmp6")
    /// Lists that this kernel was built without. Asking for one may make it run modprobe.
    private var missing: Set<SocketList> = []

    private init(_ requests: RequestSocket) {
        self.requests = requests
    }

    public static func open() throws(KernelError) -> SocketDiagnosis {
        SocketDiagnosis(try RequestSocket(NETLINK_SOCK_DIAG, for: .openSocketDiagnosis))
    }

    /// Tells `body` the sockets whose own address is in `prefix`: bound, listening, connected, accepted, or what
    /// is left of them in TIME-WAIT; of TCP, UDP, UDP-Lite, raw and ping sockets, and of MPTCP sockets their
    /// subflows. One may be told of more than once.
    ///
    /// A kernel before 6.8 does not list TCP sockets that are bound and nothing else.
    ///
    /// - Throws: ENOENT if the kernel was built without the lists of TCP or UDP, EINTR if they changed each time.
    public func sockets(
        boundIn prefix: IPv6Prefix, _ body: (FoundSocket) -> Void
    ) throws(KernelError) {
        try list(.tcp, prefix, body)
        try list(.udp, prefix, body)
        // Walking the table takes ten times as long as to see that it is empty.
        if counts?.counts("UDPLITE6") ?? true { try listIfThere(.udpLite, prefix, body) }
        try listRaw(prefix, body)
        try ping?.sockets(in: prefix, transport: UInt16(IPPROTO_ICMPV6), body)
    }

    /// The table of /proc is read faster than sock_diag answers, and is always there; only sock_diag knows
    /// cookies.
    private func listRaw(_ prefix: IPv6Prefix, _ body: (FoundSocket) -> Void) throws(KernelError) {
        var found: [FoundSocket] = []
        try raw?.sockets(in: prefix) { found.append($0) }
        if raw != nil, found.isEmpty { return }
        if try !listIfThere(.raw, prefix, body) { found.forEach(body) }
    }

    /// - Returns: whether there is such a list.
    @discardableResult
    private func listIfThere(
        _ list: SocketList, _ prefix: IPv6Prefix, _ body: (FoundSocket) -> Void
    ) throws(KernelError) -> Bool {
        if missing.contains(list) { return false }
        do {
            try self.list(list, prefix, body)
            return true
        } catch {
            guard error.errno == ENOENT else { throw error }
            missing.insert(list)
            return false
        }
    }

    private func list(
        _ list: SocketList, _ prefix: IPv6Prefix, _ body: (FoundSocket) -> Void
    ) throws(KernelError) {
        try messages(list, prefix) { message in
            if let socket = FoundSocket(message, in: list) { body(socket) }
        }
    }

    /// Tells `body` the entries of a list as the kernel makes them.
    ///
    /// - Parameter extra: INET_DIAG_INFO or the like, of which more is to be told.
    func messages(
        _ list: SocketList, _ prefix: IPv6Prefix, with extra: Int? = nil, _ body: (NetlinkMessage) -> Void
    ) throws(KernelError) {
        let header = unsafe filter.matching(prefix, list, extra)
        try unsafe requests.dump(header, .listSockets(boundIn: prefix), body)
    }
}

/// A request for the sockets of one list that are bound in one prefix, laid out once and filled in for
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
    @unsafe func matching(
        _ prefix: IPv6Prefix, _ list: SocketList, _ extra: Int?
    ) -> UnsafeMutablePointer<nlmsghdr> {
        var header = inet_diag_req_v2()
        header.sdiag_family = UInt8(AF_INET6)
        header.sdiag_protocol = UInt8(list.number)
        if let extra { header.idiag_ext = 1 << UInt8(extra - 1) }
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
