public import CPreload

// Sockets that wait for others. Where the wishes say `serve`, they wait at an address of the type instead of at all.

@c(bind)
public func bindSocket(
    _ descriptor: CInt, _ address: UnsafePointer<sockaddr>?, _ length: socklen_t
) -> CInt {
    guard unsafe ipv6Address(address, length)?.isWildcard ?? false, let wishes = Wishes.current else {
        return unsafe next().pointee.bind!(descriptor, address, length)
    }
    let port = unsafe UnsafeRawPointer(address!).loadUnaligned(as: sockaddr_in.self).sin_port
    if wishes.options.contains(.serve) {
        switch obtainAddress(for: descriptor, wishes, on: .serve) {
        case .nothing, .interrupted: break
        case .forbidden: return failure(EADDRNOTAVAIL)
        case .address(let address): return bind(descriptor, to: address, port: port)
        }
    }
    let result = unsafe next().pointee.bind!(descriptor, address, length)
    if result == 0, port == 0 { DescriptorSet.anyPort.insert(descriptor) }
    return result
}

@c(listen)
public func listenSocket(_ descriptor: CInt, _ backlog: CInt) -> CInt {
    if let wishes = Wishes.current, wishes.options.contains(.serve) {
        switch obtainAddress(for: descriptor, wishes, on: .serve) {
        case .nothing, .interrupted: break
        case .forbidden: return failure(EADDRNOTAVAIL)
        case .address(let address): _ = bind(descriptor, to: address, port: 0)
        }
    }
    return unsafe next().pointee.listen!(descriptor, backlog)
}
