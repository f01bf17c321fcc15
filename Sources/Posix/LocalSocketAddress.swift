import CLibc

/// Calls `body` with the sockaddr_un of a path; throws ENAMETOOLONG for one that does not fit in 107 octets.
func withLocalSocketAddress<Result>(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(SystemError) -> Result
) throws(SystemError) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    let octets = Array(path.utf8)
    guard octets.count < room, !octets.contains(0) else {
        throw SystemError("socket path \(path)", errno: ENAMETOOLONG)
    }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: octets) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    return try unsafe withUnsafePointer(to: &address) { (pointer) throws(SystemError) in
        try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            (generic) throws(SystemError) in
            try unsafe body(generic, size)
        }
    }
}

func connectLocal(_ descriptor: borrowing Descriptor, to path: String) throws(SystemError) {
    let number = descriptor.number
    try unsafe withLocalSocketAddress(path) { (address, size) throws(SystemError) in
        _ = try check("connect to \(path)") {
            unsafe connect(number, __CONST_SOCKADDR_ARG(__sockaddr__: address), size)
        }
    }
}
