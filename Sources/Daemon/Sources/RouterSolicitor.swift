import CLibc
import EventLoop
import Posix

/// The raw socket, which soliciting and listening share.
final class RouterSocketOwner {
    let socket: RouterSocket

    init(_ socket: consuming RouterSocket) { self.socket = socket }
}

/// Sends Router Solicitations, again if no router is heard (RFC 4861, section 6.3.7).
final class RouterSolicitor {
    /// From each solicitation of a question to the next. RFC 4861 has four seconds, for hosts that start; here a program
    /// waits for the answer, or connections stand still. What was sent when an interface had just come up is often lost.
    static let intervalsMicroseconds: [UInt64] = [200_000, 800_000, 1_000_000]
    /// One after each interval, and the first (MAX_RTR_SOLICITATIONS is one less).
    static let mostSolicitations = intervalsMicroseconds.count + 1
    /// When a solicitation cannot be sent yet, because the link-local address is tentative, it is tried again after this.
    static let retryMicroseconds: UInt64 = 50_000
    /// So often, which is longer than duplicate address detection takes.
    static let mostRetries = 60

    /// Who asks while a solicitation is under way has it repeated, but not sooner after the last than this: what was sent
    /// when an interface had just come up is often lost.
    static let repeatMicroseconds: UInt64 = 200_000

    private struct Solicitation {
        var sent = 0
        var lastSent: UInt64 = 0
        var retries = 0
        var due: UInt64
    }

    private let send: (UInt32) throws(SystemError) -> Void
    private let loop: EventLoop
    private let log: Log
    /// By interface index.
    private var solicitations: [UInt32: Solicitation] = [:]
    private var timer: Timer?

    /// - Parameter send: sends a solicitation on an interface.
    init(loop: EventLoop, log: Log, send: @escaping (UInt32) throws(SystemError) -> Void) throws {
        self.loop = loop
        self.log = log
        self.send = send
        timer = try loop.timer { [unowned self] in sendDue() }
    }

    /// Asks at once, unless that has just been done.
    func solicit(_ interfaceIndex: UInt32) {
        let now = loop.now
        if let last = solicitations[interfaceIndex]?.lastSent, now < last + Self.repeatMicroseconds { return }
        solicitations[interfaceIndex] = Solicitation(due: now)
        sendDue()
    }

    /// A router has answered.
    func heard(on interfaceIndex: UInt32) { solicitations[interfaceIndex] = nil }

    private func sendDue() {
        let now = loop.now
        for (index, solicitation) in solicitations where solicitation.due <= now {
            solicitations[index] = send(solicitation, on: index, at: now)
        }
        if let next = solicitations.values.map(\.due).min() { timer?.arm(at: next) }
    }

    /// - Returns: what is left to do; nil if nothing.
    private func send(_ solicitation: Solicitation, on index: UInt32, at now: UInt64) -> Solicitation? {
        var next = solicitation
        guard next.sent < Self.mostSolicitations else { return nil }
        do {
            try send(index)
            log.debug("routers on interface \(index) solicited")
            next.sent += 1
            next.lastSent = now
            // After the last nobody is waited for.
            next.due = now + Self.intervalsMicroseconds[min(next.sent, Self.intervalsMicroseconds.count) - 1]
        } catch {
            next.retries += 1
            next.due = now + Self.retryMicroseconds
            guard [EADDRNOTAVAIL, ENETUNREACH].contains(error.errno), next.retries < Self.mostRetries else {
                log.debug("\(error)")
                return nil
            }
        }
        return next
    }
}
