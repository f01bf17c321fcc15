public import CPreload

// Datagrams to an address, and connections that begin with data.

@c(sendto)
public func sendTo(
    _ descriptor: CInt, _ data: UnsafeRawPointer?, _ count: Int, _ flags: CInt,
    _ address: UnsafePointer<sockaddr>?, _ length: socklen_t
) -> Int {
    if unsafe ipv6Address(address, length)?.leavesHost ?? false, isForbidden(descriptor, flags) {
        return Int(failure(EADDRNOTAVAIL))
    }
    return unsafe next().pointee.sendto!(descriptor, data, count, flags, address, length)
}

@c(sendmsg)
public func sendMessage(_ descriptor: CInt, _ message: UnsafePointer<msghdr>?, _ flags: CInt) -> Int {
    if let message = unsafe message, unsafe leavesHost(message.pointee), isForbidden(descriptor, flags) {
        return Int(failure(EADDRNOTAVAIL))
    }
    return unsafe next().pointee.sendmsg!(descriptor, message, flags)
}

@c(sendmmsg)
public func sendMessages(
    _ descriptor: CInt, _ messages: UnsafeMutablePointer<mmsghdr>?, _ count: CUnsignedInt, _ flags: CInt
) -> CInt {
    if let messages = unsafe messages, count > 0, unsafe leavesHost(messages.pointee.msg_hdr),
        isForbidden(descriptor, flags)
    {
        return failure(EADDRNOTAVAIL)
    }
    return unsafe next().pointee.sendmmsg!(descriptor, messages, count, flags)
}

/// With control messages the program may say the source address itself (IPV6_PKTINFO).
@inline(__always)
private func leavesHost(_ message: msghdr) -> Bool {
    guard let name = unsafe message.msg_name, unsafe message.msg_controllen == 0 else { return false }
    let address = unsafe UnsafePointer<sockaddr>(name.assumingMemoryBound(to: sockaddr.self))
    return unsafe ipv6Address(address, message.msg_namelen)?.leavesHost ?? false
}

/// Gives the socket an address, where that is ours to do, and says whether the call must not go on.
private func isForbidden(_ descriptor: CInt, _ flags: CInt) -> Bool {
    guard !DescriptorSet.settled.contains(descriptor), let wishes = Wishes.current else { return false }
    let isFastOpen = flags & CInt(MSG_FASTOPEN) != 0
    switch settle(descriptor, wishes, on: isFastOpen ? .fastOpen : .datagram) {
    case .forbidden: return true
    // Sending a datagram binds a socket that is not bound: there will be nothing more to do.
    case .goOn, .interrupted:
        if !isFastOpen { DescriptorSet.settled.insert(descriptor) }
        return false
    }
}
