import CLibc

/// A classic BPF program that says which datagrams a socket gets (SO_ATTACH_FILTER, socket(7)).
struct SocketFilter {
    private let program: [sock_filter]

    /// Lets nothing through.
    static let nothing = SocketFilter(program: [verdict(0)])

    /// Lets UDP datagrams from one port to another through; for raw sockets, whose datagrams begin with the UDP header.
    static func udp(from source: UInt16, to destination: UInt16) -> SocketFilter {
        SocketFilter(program: [
            load16(at: 0), skip(3, unlessEqual: source), load16(at: 2), skip(1, unlessEqual: destination),
            verdict(.max), verdict(0),
        ])
    }

    func attach(to descriptor: borrowing Descriptor) throws(SystemError) {
        let number = descriptor.number
        var program = program
        _ = try check("set SO_ATTACH_FILTER") {
            unsafe program.withUnsafeMutableBufferPointer { instructions in
                var whole = unsafe sock_fprog(
                    len: UInt16(instructions.count), filter: instructions.baseAddress)
                let size = unsafe socklen_t(MemoryLayout<sock_fprog>.size)
                return unsafe setsockopt(number, SOL_SOCKET, SO_ATTACH_FILTER, &whole, size)
            }
        }
    }

    private static func load16(at offset: UInt32) -> sock_filter {
        sock_filter(code: UInt16(BPF_LD | BPF_H | BPF_ABS), jt: 0, jf: 0, k: offset)
    }

    private static func skip(_ count: UInt8, unlessEqual value: UInt16) -> sock_filter {
        sock_filter(code: UInt16(BPF_JMP | BPF_JEQ | BPF_K), jt: 0, jf: count, k: UInt32(value))
    }

    /// So many octets are kept of the datagram; 0 drops it.
    private static func verdict(_ octets: UInt32) -> sock_filter {
        sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: octets)
    }
}
