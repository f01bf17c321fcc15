public import CPreload

/// connect(2), from an address of the wished type.
@c(connect)
public func connectSocket(
    _ descriptor: CInt, _ address: UnsafePointer<sockaddr>?, _ length: socklen_t
) -> CInt {
    if unsafe ipv6Address(address, length)?.leavesHost ?? false, let wishes = Wishes.current {
        switch settle(descriptor, wishes, on: .connect) {
        case .goOn: break
        case .forbidden: return failure(EADDRNOTAVAIL)
        case .interrupted:
            if wishes.options.contains(.strict) { return failure(EINTR) }
            return unsafe beginConnecting(descriptor, address, length)
        }
    }
    return unsafe next().pointee.connect!(descriptor, address, length)
}

/// A connect(2) that a signal has interrupted: it goes on behind the program's back.
private func beginConnecting(
    _ descriptor: CInt, _ address: UnsafePointer<sockaddr>?, _ length: socklen_t
) -> CInt {
    let flags = odm_status_flags(descriptor)
    _ = odm_set_status_flags(descriptor, flags | O_NONBLOCK)
    let result = unsafe next().pointee.connect!(descriptor, address, length)
    let errno = odm_errno()
    _ = odm_set_status_flags(descriptor, flags)
    odm_set_errno(errno == EINPROGRESS ? EINTR : errno)
    return result
}
