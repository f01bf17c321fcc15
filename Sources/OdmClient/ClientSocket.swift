import CLibc
import COdm

/// The application's socket, known by its descriptor. It stays the application's.
struct ClientSocket {
    let descriptor: CInt

    /// Takes a descriptor for what it should be.
    ///
    /// - Throws: `system` with EBADF, ENOTSOCK, or EAFNOSUPPORT if it is not an IPv6 socket.
    init(_ descriptor: CInt) throws(Failure) {
        guard try domain(of: descriptor) == AF_INET6 else { throw .system(EAFNOSUPPORT) }
        self.descriptor = descriptor
    }

    /// Whether the socket option IPV6_REQUIRE_SRC_ON_NET is set. Costs a system call only if it is for any socket.
    var requiresOnNet: Bool {
        guard !MarkedSockets.isEmpty, let cookie = cookie(of: descriptor) else { return false }
        return MarkedSockets.contains(cookie)
    }
}

/// SO_DOMAIN: AF_INET6, AF_UNIX, …
///
/// - Throws: `system` with EBADF or ENOTSOCK.
func domain(of descriptor: CInt) throws(Failure) -> CInt {
    var domain: CInt = 0
    var length = socklen_t(MemoryLayout<CInt>.size)
    guard unsafe odm_kernel_getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 else {
        throw .system(odm_errno())
    }
    return domain
}

/// SO_COOKIE: the kernel's name for a socket, never zero and never given to another. Nil, with errno set, if the
/// descriptor is no socket.
func cookie(of descriptor: CInt) -> UInt64? {
    var cookie: UInt64 = 0
    var length = socklen_t(MemoryLayout<UInt64>.size)
    let result = unsafe odm_kernel_getsockopt(descriptor, SOL_SOCKET, SO_COOKIE, &cookie, &length)
    return result == 0 ? cookie : nil
}
