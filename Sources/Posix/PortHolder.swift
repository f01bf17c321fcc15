import CLibc

/// A UDP socket that has a port and receives nothing, so that the kernel does not tell those who send there that nobody
/// listens (ICMPv6 port unreachable), while a raw socket does.
///
/// Whoever wants the port has precedence. If somebody has it there is no need for a holder. A program that binds it
/// later can, as long as it sets SO_REUSEADDR as clients do, and gets its datagrams: the kernel prefers the more
/// specific address, and the later of two equal sockets.
struct PortHolder: ~Copyable {
    private var descriptor: Descriptor?

    /// Holds the port if that is possible; CAP_NET_BIND_SERVICE is needed for those below 1024.
    mutating func hold(_ port: UInt16, on source: sockaddr_in6) {
        guard descriptor == nil else { return }
        let unspecified = sockaddr_in6([UInt8](repeating: 0, count: 16), port: port, interfaceIndex: 0)
        var ours = source
        ours.sin6_port = port.bigEndian
        // A client on another interface is in the way of the first.
        descriptor = Self.bound(to: unspecified) ?? Self.bound(to: ours)
    }

    private static func bound(to address: sockaddr_in6) -> Descriptor? {
        let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let number = socket(AF_INET6, type, 0)
        guard number >= 0 else { return nil }
        let descriptor = Descriptor(adopting: number)
        do throws(SystemError) {
            try SocketFilter.nothing.attach(to: descriptor)
            try descriptor.setOption(IPPROTO_IPV6, IPV6_V6ONLY, 1, "set IPV6_V6ONLY")
            guard descriptor.bind(to: address) == 0 else { return nil }
            // Only now: before, it would let this socket have the port together with who has it.
            try descriptor.setOption(Int(SOL_SOCKET), SO_REUSEADDR, 1, "set SO_REUSEADDR")
        } catch {
            return nil
        }
        return descriptor
    }
}
