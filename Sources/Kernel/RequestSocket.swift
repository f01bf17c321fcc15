internal import CNetlink

/// A netlink socket that asks and is answered, one request at a time.
///
/// The kernel answers within send(): nothing here ever waits. Answers carry the sequence number of their
/// request.
final class RequestSocket {
    /// How often a list is asked for that changes while the kernel makes it.
    private static let dumpAttempts = 5

    let socket: NetlinkSocket
    private var sequence: UInt32 = 0
    /// An answer has not been read to its end.
    private var hasLeftovers = false

    init(_ family: Int32, for operation: KernelError.Operation) throws(KernelError) {
        socket = try .open(family, for: operation)
        // Refusals in words, answers without a copy of the request, and lists filtered by the kernel. They
        // are conveniences: a kernel without one of them answers all the same.
        _ = socket.setOption(SOL_NETLINK, NETLINK_EXT_ACK)
        _ = socket.setOption(SOL_NETLINK, NETLINK_CAP_ACK)
        _ = socket.setOption(SOL_NETLINK, NETLINK_GET_STRICT_CHK)
    }

    /// nlmsg_pid of what the kernel tells others of our requests.
    var port: UInt32 { socket.port }

    /// Sends a request with NLM_F_ACK and reads what became of it.
    ///
    /// - Parameter body: told what the kernel sends before its acknowledgement, of a request that asks for
    ///   something.
    @unsafe func perform(
        _ header: UnsafeMutablePointer<nlmsghdr>, _ operation: @autoclosure () -> KernelError.Operation,
        _ body: (NetlinkMessage) -> Void = { _ in }
    ) throws(KernelError) {
        let sequence = try unsafe send(header, operation())
        while true {
            for message in try receive(operation()) where message.sequence == sequence {
                guard message.type == Int(NLMSG_ERROR), let answer = message.familyHeader(as: nlmsgerr.self)
                else {
                    body(message)
                    continue
                }
                hasLeftovers = false
                if answer.error == 0 { return }
                throw Self.error(-answer.error, message, operation())
            }
        }
    }

    /// Sends a request with NLM_F_DUMP and tells `body` each entry, once more from the first if the list has
    /// changed while the kernel made it (NLM_F_DUMP_INTR).
    @unsafe func dump(
        _ header: UnsafeMutablePointer<nlmsghdr>, _ operation: @autoclosure () -> KernelError.Operation,
        _ body: (NetlinkMessage) -> Void
    ) throws(KernelError) {
        for _ in 0..<Self.dumpAttempts {
            if try unsafe dumpOnce(header, operation(), body).isConsistent { return }
        }
        throw KernelError(operation: operation(), errno: EINTR)
    }

    /// The entries that `parse` makes something of, from a list that did not change while it was made.
    func list<Element>(
        _ request: borrowing NetlinkRequest, _ operation: @autoclosure () -> KernelError.Operation,
        _ parse: (NetlinkMessage) -> Element?
    ) throws(KernelError) -> [Element] {
        for _ in 0..<Self.dumpAttempts {
            let (found, dump) = try listOnce(request, operation(), parse)
            if dump.isConsistent { return found }
        }
        throw KernelError(operation: operation(), errno: EINTR)
    }

    /// The same of a list of which the kernel does not say that it has changed: of routes and rules, entries are
    /// left out when others come and go between two pieces. One that comes in a single piece is whole; else it
    /// is asked for until it is twice the same.
    func settledList<Element: Equatable>(
        _ request: borrowing NetlinkRequest, _ operation: @autoclosure () -> KernelError.Operation,
        _ parse: (NetlinkMessage) -> Element?
    ) throws(KernelError) -> [Element] {
        var last: [Element]?
        for _ in 0..<Self.dumpAttempts {
            let (found, dump) = try listOnce(request, operation(), parse)
            if dump.isConsistent, dump.pieces <= 1 || found == last { return found }
            last = found
        }
        throw KernelError(operation: operation(), errno: EINTR)
    }

    private func listOnce<Element>(
        _ request: borrowing NetlinkRequest, _ operation: @autoclosure () -> KernelError.Operation,
        _ parse: (NetlinkMessage) -> Element?
    ) throws(KernelError) -> ([Element], Dump) {
        var found: [Element] = []
        let dump = try unsafe dumpOnce(request.header, operation()) { message in
            if let element = parse(message) { found.append(element) }
        }
        return (found, dump)
    }

    /// How a list came.
    private struct Dump {
        /// The kernel did not say otherwise.
        var isConsistent = true
        /// Datagrams that the entries came in.
        var pieces = 0
    }

    private func dumpOnce(
        _ header: UnsafeMutablePointer<nlmsghdr>, _ operation: @autoclosure () -> KernelError.Operation,
        _ body: (NetlinkMessage) -> Void
    ) throws(KernelError) -> Dump {
        let sequence = try unsafe send(header, operation())
        var dump = Dump()
        while true {
            var hasEntries = false
            for message in try receive(operation()) where message.sequence == sequence {
                if message.flags & NLM_F_DUMP_INTR != 0 { dump.isConsistent = false }
                switch message.type {
                case Int(NLMSG_DONE):
                    hasLeftovers = false
                    let result = message.familyHeader(as: Int32.self) ?? 0
                    if result < 0 { throw Self.error(-result, message, operation()) }
                    return dump
                case Int(NLMSG_ERROR):
                    let result = message.familyHeader(as: nlmsgerr.self)?.error ?? -EBADMSG
                    throw Self.error(-result, message, operation())
                default:
                    if !hasEntries { dump.pieces += 1 }
                    hasEntries = true
                    body(message)
                }
            }
        }
    }

    /// - Returns: the sequence number that the answer carries.
    private func send(
        _ header: UnsafeMutablePointer<nlmsghdr>, _ operation: @autoclosure () -> KernelError.Operation
    ) throws(KernelError) -> UInt32 {
        if hasLeftovers { discardLeftovers() }
        hasLeftovers = true
        sequence &+= 1
        unsafe header.pointee.nlmsg_seq = sequence
        let errno = unsafe socket.send(header)
        guard errno == 0 else { throw KernelError(operation: operation(), errno: errno) }
        return sequence
    }

    /// Reads the rest of an answer, of which the kernel makes each piece when the one before is read: until then
    /// it refuses another request (EBUSY), and may have no room to say so.
    private func discardLeftovers() {
        while true {
            switch socket.receive() {
            case .messages, .overrun: continue
            case .nothing, .failure: return
            }
        }
    }

    private func receive(
        _ operation: @autoclosure () -> KernelError.Operation
    ) throws(KernelError) -> NetlinkMessages {
        switch socket.receive() {
        case .messages(let messages): return messages
        case .nothing: throw KernelError(operation: operation(), errno: EAGAIN)
        case .overrun: throw KernelError(operation: operation(), errno: ENOBUFS)
        case .failure(let errno): throw KernelError(operation: operation(), errno: errno)
        }
    }

    private static func error(
        _ errno: Int32, _ message: NetlinkMessage, _ operation: KernelError.Operation
    ) -> KernelError {
        var explanation: String?
        if message.type == Int(NLMSG_ERROR), message.flags & NLM_F_ACK_TLVS != 0 {
            let attributes = message.attributes(after: nlmsgerr.self)
            explanation = attributes.first { $0.type == Int(NLMSGERR_ATTR_MSG.rawValue) }?.text
        }
        return KernelError(operation: operation, errno: errno, explanation: explanation)
    }
}
