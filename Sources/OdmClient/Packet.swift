import CLibc

/// What receiving does while there is no packet.
enum Patience {
    /// It waits, even where the descriptor's calls do not.
    case waits
    /// It waits if the descriptor's calls do.
    case asDescriptor
    /// The same, and a signal that is handled without SA_RESTART ends it.
    case asDescriptorUntilSignal
}

/// Receives one packet, and returns how many octets were sent, which may be more than there is room for; 0 if the daemon
/// closed the connection.
///
/// - Throws: `failed` with ECONNRESET if the connection was broken off; `system` with what else recv(2) says.
func receivePacket(
    from descriptor: CInt, into room: UnsafeMutableRawBufferPointer, _ patience: Patience
) throws(Failure) -> Int {
    var wasReset = false
    while true {
        // MSG_TRUNC makes recv return the length that was sent, so an octet too many does not go unseen.
        let count = unsafe recv(descriptor, room.baseAddress, room.count, CInt(MSG_TRUNC))
        if count >= 0 { return count }
        switch odm_errno() {
        case EINTR where patience != .asDescriptorUntilSignal: continue
        case EAGAIN where patience == .waits: waitUntilReadable(descriptor)
        // Reported once, before an answer that the daemon gave without reading the request.
        case ECONNRESET where !wasReset: wasReset = true
        case ECONNRESET: throw .failed(ECONNRESET)
        case let errno: throw .system(errno)
        }
    }
}

private func waitUntilReadable(_ descriptor: CInt) {
    var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    _ = unsafe poll(&waited, 1, -1)
}
