import EventLoop
import Kernel
import Mobility

/// Finds out whether a router is still on the link, by the kernel's neighbour unreachability detection.
final class RouterProbe {
    /// Most neighbours answer within a millisecond or two, and connections stand still until something is done.
    private static let hesitationMicroseconds: UInt64 = 10_000
    /// A radio that sleeps answers when it wakes up.
    private static let patienceMicroseconds: UInt64 = 100_000
    /// The kernel does not say when an answer has come; it is asked so often.
    private static let lookMicroseconds: UInt64 = 2_000

    private struct Probe {
        let address: IPv6Address
        let begin: UInt64
        var isUncertain = false
    }

    private let loop: EventLoop
    private let log: Log
    private let routes: RouteSocket
    /// By interface index: there is one router that packets leave by.
    private var probes: [UInt32: Probe] = [:]
    private var timer: Timer?

    init(loop: EventLoop, log: Log, routes: RouteSocket) {
        self.loop = loop
        self.log = log
        self.routes = routes
    }

    func probe(_ address: IPv6Address, on index: UInt32, for daemon: Daemon) {
        do {
            if timer == nil { timer = try loop.timer { [unowned self, unowned daemon] in look(for: daemon) } }
            try routes.probeNeighbour(address, interfaceIndex: index)
        } catch {
            log.debug("\(error)")
        }
        probes[index] = Probe(address: address, begin: loop.now)
        timer?.arm(at: loop.now + Self.lookMicroseconds)
    }

    private func look(for daemon: Daemon) {
        for (index, probe) in probes {
            guard let news = news(of: probe, on: index) else { continue }
            if news == .uncertain { probes[index]?.isUncertain = true } else { probes[index] = nil }
            log.debug("router \(probe.address) on interface \(index) is \(news)")
            daemon.tell(.routerProbed(interfaceIndex: index, probe.address, news))
        }
        if !probes.isEmpty { timer?.arm(at: loop.now + Self.lookMicroseconds) }
    }

    private func news(of probe: Probe, on index: UInt32) -> Reachability? {
        if (try? routes.isReachable(probe.address, interfaceIndex: index)) ?? false { return .reachable }
        let waited = loop.now - probe.begin
        if waited >= Self.patienceMicroseconds { return .unreachable }
        return waited >= Self.hesitationMicroseconds && !probe.isUncertain ? .uncertain : nil
    }
}
