import CLibc
import Foundation
import Posix
import Synchronization

/// A daemon in this process that does what a test wants, in a thread of its own: it must go on while a client keeps its
/// thread waiting.
final class FakeDaemon: Sendable {
    /// A request as it came: its octets, and SO_COOKIE of the socket that came with it.
    struct Asked: Equatable {
        var octets: [UInt8]
        var cookie: UInt64?
    }

    typealias Behaviour = @Sendable (borrowing Descriptor) -> Void

    private final class Shared: Sendable {
        nonisolated(unsafe) let listener: LocalListener
        let asked = Mutex<[Asked]>([])
        let closed = Atomic<Int>(0)
        let isOver = Atomic<Bool>(false)

        init(listener: consuming LocalListener) { unsafe self.listener = listener }
    }

    let path: String
    private let shared: Shared

    /// Reads each request, does what `behaviour` says and closes the connection.
    convenience init(_ behaviour: @escaping Behaviour) throws {
        try self.init(reads: true, behaviour)
    }

    init(reads: Bool, kind: LocalListener.Kind = .packets, _ behaviour: @escaping Behaviour) throws {
        path = "/tmp/odm-swift-\(UUID().uuidString)"
        let shared = Shared(listener: try LocalListener.open(path, kind, mode: 0o600))
        self.shared = shared
        Thread.detachNewThread {
            while !shared.isOver.load(ordering: .relaxed) {
                guard let connection = try? unsafe shared.listener.accept() else {
                    usleep(1000)
                    continue
                }
                if reads, let asked = nextRequest(from: connection) {
                    shared.asked.withLock { $0.append(asked) }
                }
                behaviour(connection)
                shared.closed.wrappingAdd(1, ordering: .relaxed)
            }
        }
    }

    deinit {
        shared.isOver.store(true, ordering: .relaxed)
        // The process may end before the thread does.
        unsafe unlink(path)
    }

    /// Answers each request with a packet.
    convenience init(answering octets: [UInt8]) throws {
        try self.init { connection in connection.send(octets) }
    }

    /// Leaves each request unanswered until the client takes it back.
    static func silent() throws -> FakeDaemon {
        try FakeDaemon { connection in connection.waitForTheEnd() }
    }

    var asked: [Asked] { shared.asked.withLock { $0 } }
    /// Connections that are over.
    var closed: Int { shared.closed.load(ordering: .relaxed) }
}

/// Keeps a fake daemon from going on before its test wants it to.
final class Gate: Sendable {
    private let isOpen = Atomic<Bool>(false)

    func open() { isOpen.store(true, ordering: .relaxed) }

    func waitUntilOpen() { while !isOpen.load(ordering: .relaxed) { usleep(500) } }
}

private func nextRequest(from connection: borrowing Descriptor) -> FakeDaemon.Asked? {
    while true {
        guard let received = try? connection.receivePacket() else { return nil }
        switch consume received {
        case .closed: return nil
        case .nothingYet: usleep(500)
        case .packet(let packet):
            let octets = (0..<min(packet.length, 32)).map { packet.octets[$0] }
            return FakeDaemon.Asked(octets: octets, cookie: try? packet.receivedSocketIdentity()?.cookie)
        }
    }
}

extension Descriptor {
    func send(_ octets: [UInt8]) { _ = sendPacket(octets.span) }

    func waitForTheEnd() { while nextRequest(from: self) != nil {} }
}

/// Octets as a page on a protocol writes them: "6f 64 6d 01".
func octets(_ text: String) -> [UInt8] {
    text.split { $0 == " " || $0 == "\n" }.map { UInt8($0, radix: 16)! }
}

/// A reply that grants 2001:db8::7 of a type.
func granted(operation: UInt8 = 0x81, type: UInt8 = 2) -> [UInt8] {
    octets("6f 64 6d 01") + [operation, type] + octets("00 00  00 00 00 00 00 00 00 00")
        + octets("20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 07")
}

func refused(operation: UInt8 = 0x81, status: UInt8, errno: Int32) -> [UInt8] {
    octets("6f 64 6d 01") + [operation, 0, status, 0, 0, 0, 0, UInt8(errno)]
        + [UInt8](repeating: 0, count: 20)
}

/// An event of 2001:db8::7, Session-lasting.
func event(_ what: UInt8, milliseconds: UInt32, replacement: UInt8 = 0) -> [UInt8] {
    let bigEndian = stride(from: UInt32(24), through: 0, by: -8).map {
        UInt8(truncatingIfNeeded: milliseconds >> $0)
    }
    let prefix = replacement == 0 ? "00 00 00 00" : "20 01 0d b8"
    return octets("6f 64 6d 01") + [what, 2, 0, 0] + bigEndian + octets("00 00 00 00")
        + octets("20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 07")
        + octets("\(prefix) 00 00 00 00 00 00 00 00 00 00 00") + [replacement]
}

func ipv6Socket(_ type: __socket_type = SOCK_DGRAM) -> Descriptor {
    Descriptor(adopting: socket(AF_INET6, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), 0))
}
