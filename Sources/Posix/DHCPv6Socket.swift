import CLibc

/// Sends a DHCPv6 client's messages on an interface, and receives what servers and relay agents answer.
///
/// The host may have a DHCPv6 client of its own, to which port 546 belongs. So this is a raw socket, which gets a copy
/// of each datagram and leaves the port to whoever has it. Open it while an answer is awaited: so long it also keeps
/// the kernel from refusing answers on a port that nobody has.
public struct DHCPv6Socket: ~Copyable {
    /// The longest message: what fits into a UDP datagram.
    public static let maxMessageOctets = 65_535 - headerOctets

    private let descriptor: Descriptor
    private let interfaceIndex: UInt32
    private var holder = PortHolder()

    /// For watching.
    public var number: Int32 { descriptor.number }

    static let clientPort: UInt16 = 546
    private static let serverPort: UInt16 = 547
    /// Of UDP.
    private static let headerOctets = 8
    /// All_DHCP_Relay_Agents_and_Servers, ff02::1:2.
    private static let servers: [UInt8] = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2]

    private init(_ descriptor: consuming Descriptor, interfaceIndex: UInt32) {
        self.descriptor = descriptor
        self.interfaceIndex = interfaceIndex
    }

    /// That there is such an interface is not checked.
    ///
    /// - Throws: EPERM without CAP_NET_RAW; what socket(2) and setsockopt(2) say.
    public static func open(interfaceIndex: UInt32) throws(SystemError) -> DHCPv6Socket {
        let type = Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = Descriptor(
            adopting: try check("open a raw socket") { socket(AF_INET6, type, Int32(IPPROTO_UDP)) })
        // What comes before all is set is of no transaction of ours.
        try SocketFilter.udp(from: serverPort, to: clientPort).attach(to: descriptor)
        try descriptor.setOption(
            Int(SOL_SOCKET), SO_BINDTOIFINDEX, Int32(bitPattern: interfaceIndex), "set SO_BINDTOIFINDEX")
        // The kernel computes and checks the sum at this place of the UDP header.
        try descriptor.setOption(IPPROTO_IPV6, IPV6_CHECKSUM, 6, "set IPV6_CHECKSUM")
        return DHCPv6Socket(descriptor, interfaceIndex: interfaceIndex)
    }

    /// Sends a message to all servers and relay agents on the link, from a link-local address (RFC 8415, section 13).
    ///
    /// - Throws: EADDRNOTAVAIL while the interface has no link-local address that can be used, ENETUNREACH while it is
    ///   down and once it is gone, EMSGSIZE. The first two may be over next time.
    public mutating func send(_ message: [UInt8]) throws(SystemError) {
        let datagram = try Self.datagram(message)
        let source = try source()
        holder.hold(Self.clientPort, on: source)
        let number = descriptor.number
        let servers = sockaddr_in6(Self.servers, port: 0, interfaceIndex: interfaceIndex)
        _ = try check("send to DHCPv6 servers") {
            unsafe servers.withGeneric { address, size in
                unsafe datagram.withUnsafeBytes { octets in
                    unsafe sendto(
                        number, octets.baseAddress, octets.count, 0,
                        __CONST_SOCKADDR_ARG(__sockaddr__: address), size)
                }
            }
        }
    }

    /// Reads a message into the front of `buffer`, which has room for the longest.
    ///
    /// - Returns: octets of the message, 0 if the datagram is none, nil if no datagram waits.
    public func receive(into buffer: inout [UInt8]) throws(SystemError) -> Int? {
        precondition(buffer.count >= Self.maxMessageOctets, "there is room for the longest message")
        var header = InlineArray<8, UInt8>(repeating: 0)
        let number = number
        let outcome = unsafe withUnsafeMutableBytes(of: &header) { header in
            unsafe buffer.withUnsafeMutableBytes { buffer in
                let parts = unsafe [
                    iovec(iov_base: header.baseAddress, iov_len: header.count),
                    iovec(iov_base: buffer.baseAddress, iov_len: buffer.count),
                ]
                return retrying { unsafe readv(number, parts, Int32(parts.count)) }
            }
        }
        switch outcome.errno {
        case 0: return Self.messageOctets(header, received: outcome.result)
        case EAGAIN: return nil
        default: throw SystemError("receive from DHCPv6 servers", errno: outcome.errno)
        }
    }

    /// What the header says, if it is true: a raw socket gets what comes.
    private static func messageOctets(_ header: InlineArray<8, UInt8>, received: Int) -> Int {
        let length = Int(header[4]) << 8 | Int(header[5])
        return headerOctets...max(received, headerOctets) ~= length ? length - headerOctets : 0
    }

    /// A message behind a UDP header, whose sum the kernel computes.
    private static func datagram(_ message: [UInt8]) throws(SystemError) -> [UInt8] {
        guard message.count <= maxMessageOctets else {
            throw SystemError("send to DHCPv6 servers", errno: EMSGSIZE)
        }
        let fields = [clientPort, serverPort, UInt16(headerOctets + message.count), 0]
        return fields.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] } + message
    }

    /// The address that the kernel chooses to send from. It prefers a link-local one (RFC 6724, rule 2), but takes any
    /// other if there is none that is ready, and servers do not answer that.
    private func source() throws(SystemError) -> sockaddr_in6 {
        let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
        let probe = Descriptor(adopting: try check("socket") { socket(AF_INET6, type, 0) })
        let number = probe.number
        let servers = sockaddr_in6(Self.servers, port: Self.serverPort, interfaceIndex: interfaceIndex)
        _ = try check("find a link-local address") {
            unsafe servers.withGeneric { address, size in
                unsafe connect(number, __CONST_SOCKADDR_ARG(__sockaddr__: address), size)
            }
        }
        let source = try probe.name()
        guard source.isLinkLocal else {
            throw SystemError("find a link-local address", errno: EADDRNOTAVAIL)
        }
        return source
    }
}
