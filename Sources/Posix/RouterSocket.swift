import CLibc

/// A raw ICMPv6 socket for the two messages between hosts and routers: solicitations go out, advertisements come in, also
/// where the kernel ignores them (accept_ra).
///
/// It takes CAP_NET_RAW, and sees the advertisements on all interfaces of the network namespace.
public struct RouterSocket: ~Copyable {
    /// Octets of a message that are kept: the largest that fits into a packet.
    public static let messageLimit = 1 << 16

    private let descriptor: Descriptor

    /// A received message and what came with it.
    public struct Received: Equatable, Sendable {
        /// From the ICMPv6 type on; the kernel has verified the checksum.
        public var octets: [UInt8]
        /// 16 octets.
        public var source: [UInt8]
        public var interfaceIndex: UInt32
        public var hopLimit: UInt8
    }

    private init(adopting descriptor: consuming Descriptor) { self.descriptor = descriptor }

    /// - Throws: EPERM without CAP_NET_RAW.
    public static func open() throws(SystemError) -> RouterSocket {
        let type = Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let number = try check("open a socket for router advertisements") {
            socket(AF_INET6, type, Int32(IPPROTO_ICMPV6))
        }
        let router = RouterSocket(adopting: Descriptor(adopting: number))
        try router.keepAdvertisementsOnly()
        let level = Int32(IPPROTO_IPV6)
        try router.setOption(level, IPV6_RECVHOPLIMIT, 1 as Int32)
        try router.setOption(level, IPV6_RECVPKTINFO, 1 as Int32)
        // RFC 4861, section 6.1.1: a router ignores a solicitation that came through another.
        try router.setOption(level, IPV6_MULTICAST_HOPS, 255 as Int32)
        return router
    }

    /// Readable when a message has come.
    public var number: Int32 { descriptor.number }

    /// Asks the routers on a link to advertise themselves (RFC 4861, section 4.1).
    ///
    /// - Throws: EADDRNOTAVAIL while the link-local address is tentative, ENETUNREACH where there is none, ENODEV or ENXIO
    ///   without the interface.
    public func solicit(interfaceIndex: UInt32) throws(SystemError) {
        var message = nd_router_solicit()
        message.nd_rs_hdr.icmp6_type = UInt8(ND_ROUTER_SOLICIT)
        var target = sockaddr_in6()
        target.sin6_family = sa_family_t(AF_INET6)
        target.sin6_scope_id = interfaceIndex
        unsafe inet_pton(AF_INET6, "ff02::2", &target.sin6_addr)
        let number = number
        let size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        _ = try check("solicit routers on interface \(interfaceIndex)") {
            unsafe withUnsafePointer(to: &target) { target in
                let target = unsafe __CONST_SOCKADDR_ARG(__sockaddr_in6__: target)
                return unsafe sendto(
                    number, &message, MemoryLayout<nd_router_solicit>.size, Int32(MSG_DONTWAIT), target, size)
            }
        }
    }

    /// The next message; nil if there is none.
    public func receive() throws(SystemError) -> Received? {
        var octets = [UInt8](repeating: 0, count: Self.messageLimit)
        var source = sockaddr_in6()
        var control = InlineArray<16, UInt64>(repeating: 0)
        var received = Received(octets: [], source: [], interfaceIndex: 0, hopLimit: 0)
        let number = number
        let outcome = unsafe octets.withUnsafeMutableBytes { octets in
            unsafe withUnsafeMutablePointer(to: &source) { source in
                unsafe withUnsafeMutableBytes(of: &control) { control in
                    var vector = unsafe iovec(iov_base: octets.baseAddress, iov_len: octets.count)
                    return unsafe withUnsafeMutablePointer(to: &vector) { vector in
                        var message = unsafe msghdr()
                        unsafe message.msg_name = UnsafeMutableRawPointer(source)
                        unsafe message.msg_namelen = socklen_t(MemoryLayout<sockaddr_in6>.size)
                        unsafe message.msg_iov = vector
                        unsafe message.msg_iovlen = 1
                        unsafe message.msg_control = control.baseAddress
                        unsafe message.msg_controllen = control.count
                        let outcome = retrying { unsafe recvmsg(number, &message, Int32(MSG_DONTWAIT)) }
                        if outcome.errno == 0 { unsafe received.read(&message) }
                        return outcome
                    }
                }
            }
        }
        switch outcome.errno {
        case 0: break
        case EAGAIN: return nil
        default: throw SystemError("receive a router advertisement", errno: outcome.errno)
        }
        received.octets = Array(octets.prefix(outcome.result))
        received.source = unsafe withUnsafeBytes(of: &source.sin6_addr) { unsafe Array($0) }
        return received
    }

    private func keepAdvertisementsOnly() throws(SystemError) {
        // ICMP6_FILTER_SETBLOCKALL and ICMP6_FILTER_SETPASS are macros: a bit that is set blocks its type.
        var filter = icmp6_filter()
        let (word, bit) = Int(ND_ROUTER_ADVERT).quotientAndRemainder(dividingBy: 32)
        unsafe withUnsafeMutableBytes(of: &filter) { bytes in
            let words = unsafe bytes.bindMemory(to: UInt32.self)
            for index in words.indices { unsafe words[index] = .max }
            unsafe words[word] &= ~(1 << UInt32(bit))
        }
        try setOption(Int32(IPPROTO_ICMPV6), ICMP6_FILTER, filter)
    }

    private func setOption<Value: BitwiseCopyable>(
        _ level: Int32, _ name: Int32, _ value: Value
    ) throws(SystemError) {
        var value = value
        let number = number
        _ = try check("set option \(name) of a socket for router advertisements") {
            unsafe setsockopt(number, level, name, &value, socklen_t(MemoryLayout<Value>.size))
        }
    }
}

extension RouterSocket.Received {
    /// Reads IPV6_PKTINFO and IPV6_HOPLIMIT.
    @unsafe fileprivate mutating func read(_ message: inout msghdr) {
        var header = unsafe odm_first_control(&message)
        while let part = unsafe header {
            if unsafe part.pointee.cmsg_level == Int32(IPPROTO_IPV6) {
                let data = unsafe UnsafeRawPointer(odm_control_data(part))
                let type = unsafe part.pointee.cmsg_type
                switch type {
                case IPV6_PKTINFO:
                    unsafe interfaceIndex = data!.loadUnaligned(as: in6_pktinfo.self).ipi6_ifindex
                case IPV6_HOPLIMIT:
                    hopLimit = UInt8(clamping: unsafe data!.loadUnaligned(as: Int32.self))
                default: break
                }
            }
            unsafe header = odm_next_control(&message, part)
        }
    }
}
