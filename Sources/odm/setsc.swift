public import CLibc
public import COdm

// setsc, and its two halves for programs that must not wait.

@c @implementation
public func setsc(_ sockfd: CInt, _ source: UnsafeMutablePointer<in6_addr>!, _ type: sc_type) -> CInt {
    carryOut { () throws(Failure) in
        guard let source = unsafe source else { throw .system(EFAULT) }
        let connection = try request(type, for: sockfd, onNet: false, .blocks)
        unsafe source.pointee = try connection.receive(.setsc).answer().address
        return 0
    }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func setsc_start(_ sockfd: CInt, _ type: sc_type, _ flags: CUnsignedInt) -> CInt {
    carryOut { () throws(Failure) in
        guard flags & ~SC_ON_NET == 0 else { throw .system(EINVAL) }
        return try request(type, for: sockfd, onNet: flags & SC_ON_NET != 0, .doesNotBlock).release()
    }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func setsc_finish(_ request: CInt, _ source: UnsafeMutablePointer<in6_addr>!) -> CInt {
    carryOut { () throws(Failure) in
        // A likely mistake is to pass the socket itself, which must not be closed.
        guard try domain(of: request) == AF_UNIX else { throw .system(EINVAL) }
        let connection = Connection(adopting: request)
        guard let source = unsafe source else { throw .system(EFAULT) }
        unsafe source.pointee = try connection.receive(.setsc).answer().address
        return 0
    }
}

/// Sends a request for an address, and returns the connection that will bring the answer.
private func request(
    _ type: sc_type, for sockfd: CInt, onNet: Bool, _ blocking: Connection.Blocking
) throws(Failure) -> Connection {
    guard isType(type) else { throw .system(EINVAL) }
    let socket = try ClientSocket(sockfd)
    let flags: Request.Flags = onNet || socket.requiresOnNet ? .onNet : []
    let connection = try Connection.open(blocking)
    try connection.send(Request(operation: .setsc, type: type, flags: flags), about: socket.descriptor)
    return connection
}
