import EventLoop
import Mobility
import NetworkSide
import Posix

/// Reads Router Advertisements where the kernel ignores them: prefixes, and how long each sender is a default router. That a
/// router has answered is told of everywhere, also where it advertises no prefix, of which the kernel says nothing.
final class RawRouters {
    /// The kernel's own metric for routers that it learns of (IP6_RT_PRIO_ADDRCONF and its neighbours).
    private static let metric: UInt32 = 1024

    private let socket: RouterSocketOwner
    private let solicitor: RouterSolicitor
    private let loop: EventLoop
    private let log: Log
    private let budget: Int
    private unowned let daemon: Daemon
    private var source: IOSource?
    private var timer: Timer?
    private var routers = HeardRouters()

    init(
        socket: RouterSocketOwner, solicitor: RouterSolicitor, loop: EventLoop, log: Log, budget: Int,
        _ daemon: Daemon
    ) throws {
        self.socket = socket
        self.solicitor = solicitor
        self.loop = loop
        self.log = log
        self.budget = budget
        self.daemon = daemon
        timer = try loop.timer { [unowned self] in forgetOverdue() }
        source = try loop.watch(socket.socket.number, for: .input) { [unowned self] _ in drain() }
    }

    private func drain() {
        for _ in 0..<budget {
            do {
                guard let received = try socket.socket.receive() else { return }
                hear(received)
            } catch {
                log.debug("\(error)")
                return
            }
        }
    }

    private func hear(_ received: RouterSocket.Received) {
        guard let name = daemon.rules.interfaceName(of: received.interfaceIndex) else { return }
        do {
            let router = IPv6Address(octets: received.source)
            let message = try RouterAdvertisement(
                received.octets.span, from: router, hopLimit: received.hopLimit)
            if message.isAnswer { solicitor.heard(on: received.interfaceIndex) }
            daemon.tell(.routerHeard(HeardRouter(message, from: router, on: received.interfaceIndex)))
            guard !InterfaceSettings(ofInterface: name.description).acceptsAdvertisements else { return }
            hear(message, from: router, on: received.interfaceIndex)
        } catch {
            log.debug("a router advertisement on \(name) is ignored: \(error)")
        }
    }

    private func hear(_ message: RouterAdvertisement, from address: IPv6Address, on index: UInt32) {
        let router = Router(interfaceIndex: index, address: address, metric: Self.metric, isHeardOnly: true)
        keep(router, seconds: message.routerLifetimeSeconds)
        for prefix in message.prefixes {
            daemon.tell(.prefixAdvertised(Advertisement(prefix, interfaceIndex: index)))
        }
    }

    // MARK: Default routers

    private func keep(_ router: Router, seconds: UInt16) {
        let now = Instant(microseconds: loop.now)
        if seconds > 0 {
            routers.forget { daemon.rules.interfaceName(of: $0) == nil }
            let forgotten = routers.hear(router, until: now + .seconds(Int64(seconds)), at: now)
            if let forgotten { daemon.tell(.routerGone(forgotten)) }
            // Each time: after lost notices the rules have forgotten what the kernel does not know.
            daemon.tell(.routerFound(router))
        } else {
            routers.forget(router)
            daemon.tell(.routerGone(router))
        }
        arm()
    }

    private func forgetOverdue() {
        for overdue in routers.takeOverdue(at: Instant(microseconds: loop.now)) {
            daemon.tell(.routerGone(overdue))
        }
        arm()
    }

    private func arm() {
        if let next = routers.nextEnd { timer?.arm(at: next.microseconds) } else { timer?.disarm() }
    }
}

extension HeardRouter {
    init(_ message: RouterAdvertisement, from router: IPv6Address, on index: UInt32) {
        self.init(
            interfaceIndex: index, address: router, isDefault: message.routerLifetimeSeconds > 0,
            prefixes: message.prefixes.filter { $0.validSeconds > 0 }.map(\.prefix))
    }
}

extension RouterAdvertisement {
    /// A host need not ask again (RFC 4861, section 6.3.7). Who is no default router may still advertise prefixes.
    fileprivate var isAnswer: Bool { routerLifetimeSeconds > 0 || !prefixes.isEmpty }
}

extension IPv6Address {
    /// - Precondition: there are 16 octets.
    fileprivate init(octets: [UInt8]) {
        precondition(octets.count == 16, "an IPv6 address has 16 octets")
        let halves = [octets.prefix(8), octets.suffix(8)].map {
            $0.reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        }
        self.init(high: halves[0], low: halves[1])
    }
}
