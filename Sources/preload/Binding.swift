import CPreload

/// What a call goes on with.
enum Settled {
    /// As the program wanted: with the address, or without.
    case goOn
    case forbidden
    case interrupted
}

/// Binds a socket that is about to send to an address of the wished type, where that is ours to do.
func settle(_ descriptor: CInt, _ wishes: Wishes, on occasion: Candidate.Occasion) -> Settled {
    switch obtainAddress(for: descriptor, wishes, on: occasion) {
    case .nothing: return .goOn
    case .forbidden: return .forbidden
    case .interrupted: return .interrupted
    case .address(let address):
        let errno = odm_errno()
        defer { odm_set_errno(errno) }
        if give(address, to: Candidate(descriptor)) { return .goOn }
        // Bound to an interface on which the address is not, say.
        switch fail(wishes, .failed(odm_errno())) {
        case .forbidden: return .forbidden
        case .address, .nothing, .interrupted: return .goOn
        }
    }
}

private func give(_ address: in6_addr, to socket: Candidate) -> Bool {
    if let port = socket.passingPort { return rebind(socket.descriptor, to: address, port) }
    // A datagram socket has its port to itself in any case.
    if socket.isDatagram { return bind(socket.descriptor, to: address, port: 0) == 0 }
    return bindWithoutPort(socket, to: address)
}

/// Binds a datagram socket that is bound to the wildcard to an address, at the same port. If that cannot be, it is bound
/// as it was, or at least to some port.
private func rebind(_ descriptor: CInt, to address: in6_addr, _ port: in_port_t) -> Bool {
    guard release(descriptor) else { return false }
    if bind(descriptor, to: address, port: port) == 0 { return true }
    let errno = odm_errno()
    if bind(descriptor, to: in6_addr(), port: port) != 0 { _ = bind(descriptor, to: in6_addr(), port: 0) }
    odm_set_errno(errno)
    return false
}

/// connect(2) with AF_UNSPEC gives the port back that the kernel chose.
private func release(_ descriptor: CInt) -> Bool {
    var nobody = sockaddr()
    let size = socklen_t(MemoryLayout<sockaddr>.size)
    return unsafe next().pointee.connect!(descriptor, &nobody, size) == 0
}

/// The kernel chooses the port when it knows the destination, as it does for a socket that is not bound: otherwise a
/// host could have no more connections than it has ports. The option is then what it was.
private func bindWithoutPort(_ socket: Candidate, to address: in6_addr) -> Bool {
    let isPostponed = socket.option(CInt(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT) == 1
    if !isPostponed { _ = odm_postpone_port(socket.descriptor, 1) }
    defer {
        let errno = odm_errno()
        if !isPostponed { _ = odm_postpone_port(socket.descriptor, 0) }
        odm_set_errno(errno)
    }
    return bind(socket.descriptor, to: address, port: 0) == 0
}

/// bind(2), the next one.
///
/// - Parameter port: in network byte order.
func bind(_ descriptor: CInt, to address: in6_addr, port: in_port_t) -> CInt {
    var name = sockaddr_in6()
    name.sin6_family = sa_family_t(AF_INET6)
    name.sin6_port = port
    name.sin6_addr = address
    let size = socklen_t(MemoryLayout<sockaddr_in6>.size)
    return unsafe withUnsafePointer(to: &name) { name in
        unsafe name.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
            unsafe next().pointee.bind!(descriptor, name, size)
        }
    }
}

/// What a call returns that fails with an errno.
func failure(_ errno: CInt) -> CInt {
    odm_set_errno(errno)
    return -1
}
