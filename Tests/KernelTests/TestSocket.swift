import CLibc
import Mobility
import Testing

/// An IPv6 socket that closes itself.
final class TestSocket {
    let descriptor: Int32

    convenience init(_ type: __socket_type, inherited: Bool = false) {
        let flags = inherited ? 0 : SOCK_CLOEXEC.rawValue
        self.init(adopting: socket(AF_INET6, Int32(type.rawValue | flags), 0))
    }

    /// - Returns: nil if the kernel was built without the protocol.
    convenience init?(_ type: __socket_type, protocol number: Int) {
        let descriptor = socket(AF_INET6, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), Int32(number))
        if descriptor < 0, odm_errno() == EPROTONOSUPPORT { return nil }
        self.init(adopting: descriptor)
    }

    private init(adopting descriptor: Int32) {
        precondition(descriptor >= 0, "socket or accept failed")
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// SO_COOKIE.
    var cookie: UInt64 {
        var cookie: UInt64 = 0
        var size = socklen_t(MemoryLayout<UInt64>.size)
        let result = unsafe getsockopt(descriptor, SOL_SOCKET, SO_COOKIE, &cookie, &size)
        precondition(result == 0, "SO_COOKIE failed")
        return cookie
    }

    /// st_ino.
    var inode: UInt32 {
        var status = stat()
        precondition(unsafe fstat(descriptor, &status) == 0, "fstat failed")
        return UInt32(status.st_ino)
    }

    var port: UInt16 {
        var address = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let result = unsafe withUnsafeMutableBytes(of: &address) { octets in
            let generic = unsafe octets.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            return unsafe getsockname(descriptor, __SOCKADDR_ARG(__sockaddr__: generic), &size)
        }
        precondition(result == 0, "getsockname failed")
        return UInt16(bigEndian: address.sin6_port)
    }

    /// - Returns: 0 or the errno.
    func bind(_ address: IPv6Address) -> Int32 {
        unsafe Self.withAddress(address, port: 0) { unsafe CLibc.bind(descriptor, $0, $1) }
    }

    /// - Returns: 0 or the errno.
    func connect(_ address: IPv6Address, port: UInt16) -> Int32 {
        unsafe Self.withAddress(address, port: port) { unsafe CLibc.connect(descriptor, $0, $1) }
    }

    func listen() {
        #expect(CLibc.listen(descriptor, 8) == 0)
    }

    func accept() -> TestSocket {
        TestSocket(
            adopting: unsafe accept4(
                descriptor, __SOCKADDR_ARG(__sockaddr__: nil), nil, Int32(SOCK_CLOEXEC.rawValue)))
    }

    private static func withAddress(
        _ address: IPv6Address, port: UInt16, _ call: (__CONST_SOCKADDR_ARG, socklen_t) -> Int32
    ) -> Int32 {
        var name = sockaddr_in6()
        name.sin6_family = sa_family_t(AF_INET6)
        name.sin6_port = port.bigEndian
        unsafe withUnsafeMutableBytes(of: &name.sin6_addr) { octets in
            unsafe octets.storeBytes(of: address.high.bigEndian, as: UInt64.self)
            unsafe octets.storeBytes(of: address.low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        let result = unsafe withUnsafeBytes(of: &name) { octets in
            let generic = unsafe octets.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            return unsafe call(__CONST_SOCKADDR_ARG(__sockaddr__: generic), socklen_t(octets.count))
        }
        return result == 0 ? 0 : odm_errno()
    }
}

/// A TCP connection from `source` to `destination`, with the listener that took it.
struct Connection {
    let listener = TestSocket(SOCK_STREAM)
    let client = TestSocket(SOCK_STREAM)
    let accepted: TestSocket

    init(from source: IPv6Address, to destination: IPv6Address) {
        #expect(listener.bind(destination) == 0)
        listener.listen()
        #expect(client.bind(source) == 0)
        // A new address can be bound at once; its local route comes from a kernel worker, microseconds later.
        let (client, port) = (client, listener.port)
        precondition(eventually { client.connect(destination, port: port) == 0 }, "cannot connect")
        accepted = listener.accept()
    }
}
