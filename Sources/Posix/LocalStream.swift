import CLibc

/// Reading and writing a stream connection or a pipe, and opening a connection.
extension Descriptor {
    /// Connects to a listening stream socket; the descriptor blocks.
    public static func connected(to path: String) throws(SystemError) -> Descriptor {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = Descriptor(adopting: try check("socket") { socket(AF_UNIX, type, 0) })
        try connectLocal(descriptor, to: path)
        return descriptor
    }

    /// Connects to a listening SOCK_SEQPACKET socket without waiting; `read` and `write` take a packet at a time.
    ///
    /// - Throws: EAGAIN when too many wait there already, and what connect(2) says.
    public static func connectedForPackets(to path: String) throws(SystemError) -> Descriptor {
        let type = Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = Descriptor(adopting: try check("socket") { socket(AF_UNIX, type, 0) })
        try connectLocal(descriptor, to: path)
        return descriptor
    }

    /// What a read brought.
    public enum ReadOutcome: Equatable, Sendable {
        case octets(Int)
        /// The other side closed.
        case end
        /// Nothing for now; non-blocking descriptors only.
        case nothingYet
    }

    /// Waits until there is something to read, or the other side has closed.
    ///
    /// - Returns: false if nobody reads our standard output any more, which is noticed meanwhile.
    public func waitForInput() -> Bool {
        var watched = (
            pollfd(fd: number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        )
        _ = unsafe withUnsafeMutableBytes(of: &watched) { watched in
            let first = unsafe watched.baseAddress?.assumingMemoryBound(to: pollfd.self)
            return retrying { unsafe poll(first, 2, -1) }
        }
        return watched.1.revents == 0
    }

    /// Appends what can be read now, at most `limit` octets, to `buffer`.
    public func read(into buffer: inout [UInt8], limit: Int) throws(SystemError) -> ReadOutcome {
        let number = number
        var outcome: (result: Int, errno: Int32) = (0, 0)
        let chunk = unsafe [UInt8](unsafeUninitializedCapacity: limit) { space, count in
            let start = space.baseAddress
            outcome = retrying { unsafe CLibc.read(number, start, limit) }
            count = max(0, outcome.result)
        }
        buffer.append(contentsOf: chunk)
        switch outcome.errno {
        case 0: return outcome.result == 0 ? .end : .octets(outcome.result)
        case EAGAIN: return .nothingYet
        default: throw SystemError("read", errno: outcome.errno)
        }
    }

    /// Writes as much of `octets` from `offset` on as the socket takes now, and says how much that was.
    public func write(_ octets: [UInt8], from offset: Int) throws(SystemError) -> Int {
        let number = number
        let outcome = unsafe octets.withUnsafeBytes { bytes in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset...])
            return retrying { unsafe send(number, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL)) }
        }
        switch outcome.errno {
        case 0: return outcome.result
        case EAGAIN: return 0
        default: throw SystemError("write", errno: outcome.errno)
        }
    }
}
