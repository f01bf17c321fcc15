import CLibc
import EventLoop
import Mobility
import Posix

/// One interface, as the DHCPv6 client talks on it. The socket is opened when something is to be sent, and closed when no
/// answer is awaited any more.
final class DHCPv6Link {
    /// Messages that are read in one wake-up.
    private static let messagesPerWakeUp = 16
    /// Messages that wait until the link-local address can be used.
    private static let mostUnsent = 16
    private static let retryMicroseconds: UInt64 = 50_000
    /// Longer than duplicate address detection takes; after that the retransmissions try anew.
    private static let mostRetries = 60

    private let interface: InterfaceName
    private let index: (InterfaceName) -> UInt32?
    private let loop: EventLoop
    private let log: Log
    private let received: (Span<UInt8>) -> Void
    private var buffer: [UInt8] = []
    private var owner: SocketOwner?
    private var source: IOSource?
    private var timer: Timer?
    private var unsent: [[UInt8]] = []
    private var retries = 0

    private final class SocketOwner {
        var socket: DHCPv6Socket

        init(_ socket: consuming DHCPv6Socket) { self.socket = socket }
    }

    /// - Parameter index: of an interface, if it is there.
    init(
        interface: InterfaceName, index: @escaping (InterfaceName) -> UInt32?, loop: EventLoop, log: Log,
        received: @escaping (Span<UInt8>) -> Void
    ) {
        self.interface = interface
        self.index = index
        self.loop = loop
        self.log = log
        self.received = received
    }

    /// Sends to all servers and relay agents, as soon as the interface has a link-local address. A message that cannot be
    /// sent is lost as others are: it will be sent again.
    func send(_ message: [UInt8]) {
        if unsent.count < Self.mostUnsent { unsent.append(message) }
        retries = 0
        sendAll()
    }

    private func sendAll() {
        do {
            while let message = unsent.first {
                try opened().socket.send(message)
                unsent.removeFirst()
            }
        } catch let error as SystemError {
            failed(error)
        } catch {
            unsent = []
            log.error("\(error)")
        }
    }

    private func failed(_ error: SystemError) {
        log.debug("\(error)")
        retries += 1
        guard [EADDRNOTAVAIL, ENETUNREACH, ENETDOWN].contains(error.errno), retries < Self.mostRetries else {
            // The interface may be there again as another.
            unsent = []
            close()
            return
        }
        if timer == nil { timer = try? loop.timer { [unowned self] in sendAll() } }
        timer?.arm(at: loop.now + Self.retryMicroseconds)
    }

    private func opened() throws -> SocketOwner {
        if let owner { return owner }
        guard let index = index(interface) else { throw SystemError("find \(interface)", errno: ENODEV) }
        let opened = SocketOwner(try DHCPv6Socket.open(interfaceIndex: index))
        source = try loop.watch(opened.socket.number, for: .input) { [unowned self] _ in drain() }
        owner = opened
        buffer = [UInt8](repeating: 0, count: DHCPv6Socket.maxMessageOctets)
        return opened
    }

    /// No answer is awaited.
    func close() {
        guard unsent.isEmpty else { return }
        source = nil
        owner = nil
        buffer = []
    }

    private func drain() {
        for _ in 0..<Self.messagesPerWakeUp {
            do {
                guard let length = try owner?.socket.receive(into: &buffer) else { return }
                // What it says may be the last that is awaited, and close the socket.
                let message = Array(buffer.prefix(length))
                received(message.span)
            } catch {
                log.debug("\(error)")
                close()
                return
            }
        }
    }
}
