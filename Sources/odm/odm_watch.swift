import CLibc
public import COdm

// What becomes of the addresses of a socket. The watch is the connection itself: nothing is kept beside it.

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func odm_watch(_ sockfd: CInt) -> CInt {
    carryOut { () throws(Failure) in
        let socket = try ClientSocket(sockfd)
        let connection = try Connection.open(.blocks)
        try connection.send(Request(operation: .watch, type: 0), about: socket.descriptor)
        _ = try connection.receive(.watch).answer()
        return connection.release()
    }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func odm_next_event(_ watch: CInt, _ event: UnsafeMutablePointer<odm_event>!) -> CInt {
    carryOut { () throws(Failure) in
        guard let event = unsafe event else { throw .system(EFAULT) }
        // A likely mistake is to pass the socket itself.
        guard try domain(of: watch) == AF_UNIX else { throw .system(EINVAL) }
        unsafe event.pointee = try odm_event(nextEvent(of: watch))
        return 0
    }
}

private func nextEvent(of watch: CInt) throws(Failure) -> Event {
    var frame = InlineArray<48, UInt8>(repeating: 0)
    let count = try unsafe withUnsafeMutableBytes(of: &frame) { (room) throws(Failure) in
        try unsafe receivePacket(from: watch, into: room, .asDescriptor)
    }
    guard count > 0 else { throw .failed(ECONNRESET) }
    guard count == Event.size else { throw .failed(EBADMSG) }
    do {
        return try Event(decoding: frame.span)
    } catch {
        throw Failure(error)
    }
}

extension odm_event {
    /// - Throws: EBADMSG if it tells of no address, or of a replacement and not by which.
    fileprivate init(_ event: Event) throws(Failure) {
        guard isType(event.type), event.addressHigh | event.addressLow != 0,
            event.what != .replaced || event.replacementHigh | event.replacementLow != 0
        else { throw .failed(EBADMSG) }
        self.init(
            what: CInt(event.what.rawValue), type: event.type, milliseconds: event.milliseconds,
            address: in6_addr(high: event.addressHigh, low: event.addressLow),
            replacement: in6_addr(high: event.replacementHigh, low: event.replacementLow))
    }
}
