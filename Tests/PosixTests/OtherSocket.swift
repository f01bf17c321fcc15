import CLibc

/// A UDP socket of somebody else.
final class OtherSocket {
    private let descriptor: Int32

    /// - Parameter isShared: SO_REUSEADDR, as DHCPv6 clients set it.
    init(isShared: Bool = false) {
        descriptor = socket(
            AF_INET6, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        precondition(descriptor >= 0, "socket")
        var yes: Int32 = isShared ? 1 : 0
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
    }

    deinit { close(descriptor) }

    /// - Returns: 0 or the errno.
    func bind(_ address: String, _ port: UInt16, on interface: UInt32) -> Int32 {
        unsafe Self.withAddress(address, port, interface) {
            unsafe CLibc.bind(descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: $0), $1) == 0 ? 0 : odm_errno()
        }
    }

    func connect(_ address: String, _ port: UInt16, on interface: UInt32) -> Int32 {
        unsafe Self.withAddress(address, port, interface) {
            unsafe CLibc.connect(descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: $0), $1) == 0
                ? 0 : odm_errno()
        }
    }

    /// Joins ff02::1:2 on an interface.
    func join(on interface: UInt32) {
        var request = ipv6_mreq()
        request.ipv6mr_interface = interface
        unsafe inet_pton(AF_INET6, "ff02::1:2", &request.ipv6mr_multiaddr)
        let result = unsafe setsockopt(
            descriptor, Int32(IPPROTO_IPV6), IPV6_JOIN_GROUP, &request,
            socklen_t(MemoryLayout<ipv6_mreq>.size))
        precondition(result == 0, "join ff02::1:2")
    }

    /// - Returns: 0 or the errno.
    func send(_ octets: [UInt8], to address: String, _ port: UInt16, on interface: UInt32) -> Int32 {
        Self.send(octets, by: descriptor, to: address, port, on: interface)
    }

    static func send(
        _ octets: [UInt8], by descriptor: Int32, to address: String, _ port: UInt16, on interface: UInt32
    ) -> Int32 {
        unsafe withAddress(address, port, interface) { destination, size in
            let sent = unsafe octets.withUnsafeBytes {
                unsafe sendto(
                    descriptor, $0.baseAddress, $0.count, 0,
                    __CONST_SOCKADDR_ARG(__sockaddr__: destination), size)
            }
            return sent < 0 ? odm_errno() : 0
        }
    }

    /// What comes within half a second, and the port that it comes from; nil if nothing does.
    func receive(within milliseconds: Int32 = 500) -> (octets: [UInt8], port: UInt16)? {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        unsafe poll(&request, 1, milliseconds)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var source = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let count = unsafe withUnsafeMutablePointer(to: &source) { source in
            unsafe source.withMemoryRebound(to: sockaddr.self, capacity: 1) { source in
                unsafe recvfrom(
                    descriptor, &buffer, buffer.count, 0, __SOCKADDR_ARG(__sockaddr__: source), &size)
            }
        }
        return count < 0 ? nil : (Array(buffer.prefix(count)), UInt16(bigEndian: source.sin6_port))
    }

    /// The error that has come for the socket; 0 for none.
    func error() -> Int32 {
        var error: Int32 = 0
        var size: socklen_t = 4
        unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size)
        return error
    }

    private static func withAddress<Result>(
        _ text: String, _ port: UInt16, _ interface: UInt32,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        address.sin6_scope_id = interface
        precondition(unsafe inet_pton(AF_INET6, text, &address.sin6_addr) == 1, "an address")
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }
}
