import CLibc

@testable import Posix

/// Both ends of a connection of packets, as between a client and the setsc socket.
final class LocalPair {
    var server: Descriptor?
    private var client: Descriptor?

    init() {
        var numbers: (Int32, Int32) = (-1, -1)
        let type = Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let result = unsafe withUnsafeMutableBytes(of: &numbers) {
            unsafe socketpair(AF_UNIX, type, 0, $0.baseAddress?.assumingMemoryBound(to: Int32.self))
        }
        precondition(result == 0, "no socketpair")
        server = Descriptor(adopting: numbers.0)
        client = Descriptor(adopting: numbers.1)
    }

    enum Received: Equatable {
        case packet([UInt8])
        case nothing
        case end
    }

    /// What the client finds when it reads.
    func receive() -> Received {
        guard let number = client?.number else { return .end }
        var octets = [UInt8](repeating: 0, count: 100)
        let count = unsafe octets.withUnsafeMutableBytes { unsafe recv(number, $0.baseAddress, $0.count, 0) }
        if count < 0 { return .nothing }
        return count == 0 ? .end : .packet(Array(octets.prefix(count)))
    }

    func send(_ octets: [UInt8]) {
        guard let number = client?.number else { return }
        _ = unsafe octets.withUnsafeBytes { unsafe CLibc.send(number, $0.baseAddress, $0.count, 0) }
    }

    func closeClient() { client = nil }
}
