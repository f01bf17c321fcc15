import CLibc
import EventLoop
import Kernel
import Mobility
import NetworkSide
import Posix

/// Hears what routers advertise, and asks them to when the rules want to know now.
///
/// Where the kernel acts on advertisements it tells of them, and has checked them. Where it ignores them (accept_ra=0, as
/// under systemd-networkd and NetworkManager, which do its work) they are read here.
final class RouterListener {
    /// Notices and messages that are read in one wake-up, so that requests get their turn while a neighbour floods the
    /// link.
    private static let noticesPerWakeUp = 64

    private let loop: EventLoop
    private let log: Log

    private var monitor: RouterMonitor?
    private var monitorSource: IOSource?
    private var raw: RawRouters?
    private var solicitor: RouterSolicitor?
    private var notices: PrefixNotices?

    init(loop: EventLoop, log: Log) {
        self.loop = loop
        self.log = log
    }

    /// Begins to listen, unless that has begun. What cannot be heard is logged.
    func start(for daemon: Daemon) {
        guard monitor == nil else { return }
        do {
            try follow(for: daemon)
        } catch {
            log.error("\(error); what routers advertise is not known")
        }
        do {
            let socket = try RouterSocketOwner(RouterSocket.open())
            let solicitor = try RouterSolicitor(loop: loop, log: log) { index throws(SystemError) in
                try socket.socket.solicit(interfaceIndex: index)
            }
            self.solicitor = solicitor
            raw = try RawRouters(
                socket: socket, solicitor: solicitor, loop: loop, log: log, budget: Self.noticesPerWakeUp,
                daemon)
        } catch {
            log.error("\(error); routers are not asked, and not heard where the kernel ignores them")
        }
    }

    /// Asks the routers on a link.
    func solicit(_ interfaceIndex: UInt32) { solicitor?.solicit(interfaceIndex) }

    private func follow(for daemon: Daemon) throws {
        let monitor = try RouterMonitor.open()
        monitorSource = try loop.watch(monitor.descriptor, for: .input) { [unowned self, unowned daemon] _ in
            drain(for: daemon)
        }
        notices = try PrefixNotices(loop: loop) { [unowned daemon] in daemon.tell(.prefixAdvertised($0)) }
        self.monitor = monitor
    }

    private func drain(for daemon: Daemon) {
        do {
            let outcome = try monitor?.drain(budget: Self.noticesPerWakeUp) { notices?.hear($0) }
            guard outcome == .overrun else { return }
            daemon.statistics.countOverrun()
            log.warning("more advertisements came than could be read; asking the routers again")
            for index in daemon.rules.listeningInterfaces { solicit(index) }
        } catch {
            log.error("\(error)")
        }
    }
}
