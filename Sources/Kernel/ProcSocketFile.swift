internal import CLibc
internal import Mobility

/// A file of /proc/net about the sockets of the network namespace in which it was opened (proc_pid_net(5)).
///
/// It is kept open: opening takes longer than reading.
final class ProcSocketFile {
    /// The longest line has some 170 octets.
    private static let bufferOctets = 8 << 10

    private let descriptor: Int32
    private var buffer = [UInt8](repeating: 0, count: ProcSocketFile.bufferOctets)

    /// - Returns: nil if it cannot be opened.
    init?(_ name: String) {
        descriptor = unsafe odm_open("/proc/thread-self/net/\(name)", O_RDONLY | O_CLOEXEC, 0)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// Whether the file counts any in a line like `UDPLITE6: inuse 1`; true if it cannot be told.
    func counts(_ name: String) -> Bool {
        var isInUse = true
        _ = forEachLine { line in
            let fields = line.split(separator: UInt8(ascii: " "))
            guard fields.count >= 3, fields[0].elementsEqual("\(name):".utf8) else { return }
            isInUse = !fields[2].elementsEqual("0".utf8)
        }
        return isInUse
    }

    /// Tells `body` the sockets whose own address is in `prefix`.
    ///
    /// - Parameter transport: nil where the file says the protocol in the place of the port.
    func sockets(
        in prefix: IPv6Prefix, transport: UInt16? = nil, _ body: (FoundSocket) -> Void
    ) throws(KernelError) {
        let errno = forEachLine { line in
            if let socket = FoundSocket(tableLine: line, in: prefix, transport: transport) { body(socket) }
        }
        guard errno == 0 else { throw KernelError(operation: .listSockets(boundIn: prefix), errno: errno) }
    }

    /// Tells `body` the file's lines without their ends.
    ///
    /// - Returns: 0 or the errno.
    private func forEachLine(_ body: (ArraySlice<UInt8>) -> Void) -> Int32 {
        var position = 0
        var kept = 0
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe pread(descriptor, $0.baseAddress! + kept, $0.count - kept, off_t(position))
            }
            if count < 0, odm_errno() == EINTR { continue }
            guard count > 0 else { return count == 0 ? 0 : odm_errno() }
            position += count
            kept = takeLines(kept + count, body)
        }
    }

    /// - Returns: octets of a line that has only begun, now at the start of the buffer.
    private func takeLines(_ count: Int, _ body: (ArraySlice<UInt8>) -> Void) -> Int {
        var start = 0
        while let end = buffer[start..<count].firstIndex(of: UInt8(ascii: "\n")) {
            body(buffer[start..<end])
            start = end + 1
        }
        // Nothing in these files is as long as the buffer.
        guard start > 0 else { return 0 }
        buffer.replaceSubrange(0..<count - start, with: Array(buffer[start..<count]))
        return count - start
    }
}

extension FoundSocket {
    /// A line of raw6 or icmp6 (ip6_dgram_sock_seq_show()); nil if its address is elsewhere, or it is none.
    init?(tableLine line: ArraySlice<UInt8>, in prefix: IPv6Prefix, transport: UInt16?) {
        // Of many lines, few are about our addresses.
        guard let slotEnd = line.firstIndex(of: UInt8(ascii: ":")), line.endIndex - slotEnd > 39,
            let address = IPv6Address(hexadecimalWords: line[slotEnd + 2..<slotEnd + 34]),
            prefix.contains(address)
        else { return nil }
        let fields = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        guard fields.count > 9, let port = UInt16(fields[1].suffix(4), radix: 16),
            let user = UInt32(fields[7]), let inode = UInt32(fields[9])
        else { return nil }
        self.init(
            cookie: Self.standIn(forInode: inode), address: address, transport: transport ?? port,
            user: user, inode: inode, isDeathAnnounced: false)
    }
}

extension IPv6Address {
    /// 32 digits: the kernel prints the address as four numbers, each in the host's byte order.
    fileprivate init?(hexadecimalWords digits: ArraySlice<UInt8>) {
        var words: [UInt64] = []
        for first in stride(from: digits.startIndex, to: digits.endIndex, by: 8) {
            let text = String(decoding: digits[first..<first + 8], as: UTF8.self)
            guard let word = UInt32(text, radix: 16) else { return nil }
            words.append(UInt64(UInt32(bigEndian: word)))
        }
        self.init(high: words[0] << 32 | words[1], low: words[2] << 32 | words[3])
    }
}
