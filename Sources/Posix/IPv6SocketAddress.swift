import CLibc

extension sockaddr_in6 {
    /// An address on an interface, and a port or 0.
    ///
    /// - Parameter octets: of the address, 16.
    init(_ octets: [UInt8], port: UInt16, interfaceIndex: UInt32) {
        self.init()
        sin6_family = sa_family_t(AF_INET6)
        sin6_port = port.bigEndian
        sin6_scope_id = interfaceIndex
        unsafe withUnsafeMutableBytes(of: &sin6_addr) { unsafe $0.copyBytes(from: octets) }
    }

    /// fe80::/10.
    var isLinkLocal: Bool {
        unsafe withUnsafeBytes(of: sin6_addr) { unsafe $0[0] == 0xfe && $0[1] & 0xc0 == 0x80 }
    }

    /// Calls `body` with the address in the form that system calls take.
    func withGeneric<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        unsafe withUnsafePointer(to: self) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe body(generic, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }
}

extension Descriptor {
    /// setsockopt(2) with a number.
    func setOption(
        _ level: Int, _ name: Int32, _ value: Int32, _ operation: @autoclosure () -> String
    ) throws(SystemError) {
        let number = number
        var value = value
        _ = try check(operation()) {
            unsafe setsockopt(number, Int32(level), name, &value, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    /// bind(2).
    ///
    /// - Returns: 0 or the errno.
    func bind(to address: sockaddr_in6) -> Int32 {
        let number = number
        return unsafe address.withGeneric { address, size in
            retrying { unsafe CLibc.bind(number, __CONST_SOCKADDR_ARG(__sockaddr__: address), size) }.errno
        }
    }

    /// getsockname(2).
    func name() throws(SystemError) -> sockaddr_in6 {
        let number = number
        var name = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        _ = try check("read a socket's name") {
            unsafe withUnsafeMutablePointer(to: &name) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    unsafe getsockname(number, __SOCKADDR_ARG(__sockaddr__: generic), &size)
                }
            }
        }
        return name
    }
}
