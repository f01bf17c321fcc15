import CLibc

/// What recvmsg brought on a SOCK_SEQPACKET connection.
public enum ReceivedPacket: ~Copyable {
    /// The client has not sent yet.
    case nothingYet
    /// The client is gone.
    case closed
    case packet(Packet)
}

/// One packet and the descriptor that came with it.
public struct Packet: ~Copyable {
    /// Most octets that are kept; the frames of the protocol are shorter, so a longer packet is no frame.
    public static let capacity = 32

    public let octets: InlineArray<32, UInt8>
    /// Octets that were sent, which may be more than were kept.
    public let length: Int
    /// How many descriptors came: 0, 1, or 2 for several.
    public fileprivate(set) var descriptorCount = 0
    /// A descriptor was sent, and this process had no room for it (EMFILE).
    public fileprivate(set) var lacksDescriptor = false
    /// The only descriptor that came; several are closed at once.
    public var descriptor: Descriptor?

    fileprivate init(octets: InlineArray<32, UInt8>, length: Int) {
        self.octets = octets
        self.length = length
    }
}

/// SCM_RIGHTS with room for two descriptors: one is right, two are enough to see that it is not.
private struct Rights {
    var header = cmsghdr()
    var descriptors: (Int32, Int32) = (-1, -1)
}

extension Descriptor {
    /// Receives one packet without waiting.
    ///
    /// - Throws: what recvmsg(2) says, ECONNRESET above all.
    public func receivePacket() throws(SystemError) -> ReceivedPacket {
        var octets = InlineArray<32, UInt8>(repeating: 0)
        var rights = Rights()
        var flags: Int32 = 0
        let number = number
        let outcome = unsafe withUnsafeMutableBytes(of: &octets) { octets in
            unsafe withUnsafeMutablePointer(to: &rights) { rights in
                var vector = unsafe iovec(iov_base: octets.baseAddress, iov_len: octets.count)
                return unsafe withUnsafeMutablePointer(to: &vector) { vector in
                    var message = unsafe msghdr()
                    unsafe message.msg_iov = vector
                    unsafe message.msg_iovlen = 1
                    unsafe message.msg_control = UnsafeMutableRawPointer(rights)
                    unsafe message.msg_controllen = MemoryLayout<Rights>.size
                    let wanted = Int32(MSG_DONTWAIT | MSG_CMSG_CLOEXEC | MSG_TRUNC)
                    let outcome = retrying { unsafe recvmsg(number, &message, wanted) }
                    unsafe flags = message.msg_flags
                    if unsafe message.msg_controllen == 0 { unsafe rights.pointee.header.cmsg_len = 0 }
                    return outcome
                }
            }
        }
        switch outcome.errno {
        case 0: break
        case EAGAIN: return .nothingYet
        default: throw SystemError("receive", errno: outcome.errno)
        }
        let truncated = flags & Int32(MSG_CTRUNC) != 0
        var packet = Packet(octets: octets, length: outcome.result)
        adopt(rights, truncated: truncated, into: &packet)
        // A packet of no octets cannot be told from the end, and is no frame either.
        if packet.length == 0, packet.descriptorCount == 0, !packet.lacksDescriptor { return .closed }
        return .packet(packet)
    }

    /// Sends one packet without waiting, and says whether the socket took it.
    public func sendPacket(_ octets: borrowing Span<UInt8>) -> Bool {
        let number = number
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        return unsafe octets.withUnsafeBytes { bytes in
            retrying { unsafe send(number, bytes.baseAddress, bytes.count, flags) }.errno == 0
        }
    }
}

/// Takes the descriptors of a control message over: none, the one, or all closed because they are several.
private func adopt(_ rights: Rights, truncated: Bool, into packet: inout Packet) {
    let header = MemoryLayout<cmsghdr>.size
    guard rights.header.cmsg_level == SOL_SOCKET, rights.header.cmsg_type == Int32(SCM_RIGHTS),
        Int(rights.header.cmsg_len) > header
    else {
        packet.lacksDescriptor = truncated
        return
    }
    let count = (Int(rights.header.cmsg_len) - header) / MemoryLayout<Int32>.size
    let first = Descriptor(adopting: rights.descriptors.0)
    if count > 1 { _ = Descriptor(adopting: rights.descriptors.1) }
    packet.descriptorCount = truncated ? 2 : count
    if packet.descriptorCount == 1 { packet.descriptor = consume first }
}
