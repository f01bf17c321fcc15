internal import CNetlink
internal import Mobility

/// A socket filter that spares the monitor what it would ignore, before it is queued and anybody is woken:
/// routes that are not default routes of the main table, of which a router has a million and each address
/// one; and our own addresses that are ready at once.
enum RouteFilter {
    static func attach(to socket: borrowing NetlinkSocket) throws(KernelError) {
        var program = program
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

    private static var program: [sock_filter] {
        let route = routeProgram
        return [load(BPF_H, at: 4), jump(BPF_JEQ, number(RTM_NEWADDR), then: UInt8(route.count), else: 0)]
            + route + addressProgram
    }

    /// Entered with the type of the message; all but routes are kept.
    private static var routeProgram: [sock_filter] {
        let family = UInt32(MemoryLayout<nlmsghdr>.size)
        let destinationLength = family + UInt32(MemoryLayout<rtmsg>.offset(of: \.rtm_dst_len)!)
        let table = family + UInt32(MemoryLayout<rtmsg>.offset(of: \.rtm_table)!)
        return [
            jump(BPF_JEQ, number(RTM_NEWROUTE), then: 2, else: 0),
            jump(BPF_JEQ, number(RTM_DELROUTE), then: 1, else: 0),
            keep,
            load(BPF_B, at: destinationLength),
            jump(BPF_JEQ, 0, then: 1, else: 0),
            drop,
            load(BPF_B, at: table),
            jump(BPF_JEQ, RT_TABLE_MAIN.rawValue, then: 1, else: 0),
            drop,
            keep,
        ]
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
