internal import CNetlink
internal import Mobility

/// A socket filter that spares the monitor what it would ignore, before it is queued and anybody is woken:
/// routes that are neither default routes of the main table nor ours, of which a router has a million and each
/// address one; our own addresses that are ready at once; rules that come; and what we did ourselves.
enum RouteFilter {
    /// - Parameter port: that of our requests; the kernel names it in the messages that they lead to.
    static func attach(to socket: borrowing NetlinkSocket, ignoring port: UInt32) throws(KernelError) {
        var program = program(ignoring: port)
        let count = UInt16(program.count)
        let descriptor = socket.descriptor
        let errno = unsafe program.withUnsafeMutableBufferPointer { instructions in
            var filter = unsafe sock_fprog(len: count, filter: instructions.baseAddress)
            let size = unsafe socklen_t(MemoryLayout<sock_fprog>.size)
            let result = unsafe setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, size)
            return result == 0 ? 0 : odm_errno()
        }
        guard errno == 0 else { throw KernelError(operation: .openRouteMonitor, errno: errno) }
    }

    // Classic BPF (Documentation/networking/filter.rst). It loads numbers in network byte order, and those of
    // netlink are in the host's: hence .bigEndian.

    private static func program(ignoring port: UInt32) -> [sock_filter] {
        [load(BPF_H, at: UInt32(MemoryLayout<nlmsghdr>.offset(of: \.nlmsg_type)!))]
            + when(RTM_NEWADDR, addressProgram)
            + when(RTM_NEWRULE, [drop])
            + when(RTM_DELRULE, keepUnless(port))
            + when(RTM_DELROUTE, goneRouteProgram(ignoring: port))
            + when(RTM_NEWROUTE, defaultRouteProgram)
            + [keep]
    }

    /// Enters `program`, which does not come back, if the message is of this type.
    private static func when(_ type: Int, _ program: [sock_filter]) -> [sock_filter] {
        [jump(BPF_JEQ, number(type), then: 0, else: UInt8(program.count))] + program
    }

    /// Keeps default routes of the main table.
    private static var defaultRouteProgram: [sock_filter] {
        [
            load(BPF_B, at: offset(of: \.rtm_dst_len)),
            jump(BPF_JEQ, 0, then: 1, else: 0),
            drop,
            load(BPF_B, at: offset(of: \.rtm_table)),
            jump(BPF_JEQ, RT_TABLE_MAIN.rawValue, then: 1, else: 0),
            drop,
            keep,
        ]
    }

    /// Keeps those of ours that somebody else has removed, or the kernel with the interface.
    private static func goneRouteProgram(ignoring port: UInt32) -> [sock_filter] {
        let ours = keepUnless(port)
        return [
            load(BPF_B, at: offset(of: \.rtm_protocol)),
            jump(BPF_JEQ, UInt32(RoutingProtocol.odmd), then: 0, else: UInt8(ours.count)),
        ] + ours + defaultRouteProgram
    }

    private static func keepUnless(_ port: UInt32) -> [sock_filter] {
        [
            load(BPF_W, at: UInt32(MemoryLayout<nlmsghdr>.offset(of: \.nlmsg_pid)!)),
            jump(BPF_JEQ, port.bigEndian, then: 0, else: 1),
            drop,
            keep,
        ]
    }

    private static func offset(of field: PartialKeyPath<rtmsg>) -> UInt32 {
        UInt32(MemoryLayout<nlmsghdr>.size + MemoryLayout<rtmsg>.offset(of: field)!)
    }

    private static var addressProgram: [sock_filter] {
        let first = RoutingProtocol.address(of: .fixed)
        let last = RoutingProtocol.address(of: .gracefulReplacement)
        return findAttribute(IFA_PROTO, load: BPF_B) + [
            jump(BPF_JGE, UInt32(first), then: 1, else: 0),
            keep,
            jump(BPF_JGT, UInt32(last), then: 0, else: 1),
            keep,
        ] + findAttribute(IFA_FLAGS, load: BPF_W) + [
            jump(BPF_JSET, AddressFlags.noDAD.rawValue.bigEndian, then: 0, else: 1),
            drop,
            keep,
        ]
    }

    /// Loads the payload of an address's attribute; keeps the message if there is none.
    private static func findAttribute(_ type: Int, load size: Int32) -> [sock_filter] {
        let attributes = UInt32(MemoryLayout<nlmsghdr>.size + MemoryLayout<ifaddrmsg>.size)
        let payload = UInt32(MemoryLayout<nlattr>.size)
        return [
            instruction(BPF_LD | BPF_IMM, attributes),
            instruction(BPF_LDX | BPF_IMM, UInt32(type)),
            // The attribute's offset in the message, or 0.
            load(BPF_W, at: UInt32(bitPattern: SKF_AD_OFF + SKF_AD_NLATTR)),
            jump(BPF_JEQ, 0, then: 0, else: 1),
            keep,
            instruction(BPF_MISC | BPF_TAX, 0),
            instruction(BPF_LD | BPF_IND | size, payload),
        ]
    }

    private static var keep: sock_filter { instruction(BPF_RET | BPF_K, .max) }
    private static var drop: sock_filter { instruction(BPF_RET | BPF_K, 0) }

    private static func number(_ type: Int) -> UInt32 { UInt32(UInt16(type).bigEndian) }

    private static func load(_ size: Int32, at offset: UInt32) -> sock_filter {
        instruction(BPF_LD | BPF_ABS | size, offset)
    }

    /// - Parameters:
    ///   - skipped: instructions passed over if the accumulator compares so with `value`
    ///   - otherwise: instructions passed over if not
    private static func jump(
        _ comparison: Int32, _ value: UInt32, then skipped: UInt8, else otherwise: UInt8
    ) -> sock_filter {
        sock_filter(code: UInt16(BPF_JMP | BPF_K | comparison), jt: skipped, jf: otherwise, k: value)
    }

    private static func instruction(_ code: Int32, _ value: UInt32) -> sock_filter {
        sock_filter(code: UInt16(code), jt: 0, jf: 0, k: value)
    }
}
