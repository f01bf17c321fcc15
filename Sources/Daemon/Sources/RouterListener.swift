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
            solicitor = try RouterSolicitor(socket: socket, loop: loop, log: log)
            raw = try RawRouters(socket: socket, loop: loop, log: log, budget: Self.noticesPerWakeUp, daemon)
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
        self.monitor = monitor
    }

    private func drain(for daemon: Daemon) {
        do {
            let outcome = try monitor?.drain(budget: Self.noticesPerWakeUp) { notice in
                guard let advertisement = Advertisement(notice) else { return }
                solicitor?.heard(on: advertisement.interfaceIndex)
                daemon.tell(.prefixAdvertised(advertisement))
            }
            guard outcome == .overrun else { return }
            daemon.statistics.countOverrun()
            log.warning("more advertisements came than could be read; asking the routers again")
            for index in daemon.rules.listeningInterfaces { solicit(index) }
        } catch {
            log.error("\(error)")
        }
    }
}

extension Advertisement {
    /// Nil if it is not a prefix that a host may use.
    init?(_ notice: RouterNotice) {
        switch notice {
        case .option(let octets, let index):
            guard let prefix = PrefixInformation(option: octets.span) else { return nil }
            self.init(prefix, interfaceIndex: index)
        case .prefix(let prefix):
            self.init(
                PrefixInformation(
                    prefix: prefix.prefix, isOnLink: prefix.isOnLink, isAutonomous: prefix.isAutonomous,
                    validSeconds: prefix.validSeconds, preferredSeconds: prefix.preferredSeconds),
                interfaceIndex: prefix.interfaceIndex)
        }
    }

    init(_ prefix: PrefixInformation, interfaceIndex: UInt32) {
        self.init(
            interfaceIndex: interfaceIndex, prefix: prefix.prefix, type: prefix.type,
            isAutonomous: prefix.isAutonomous, preferredLifetime: Self.lifetime(prefix.preferredSeconds),
            validLifetime: Self.lifetime(prefix.validSeconds))
    }

    private static func lifetime(_ seconds: UInt32) -> Duration? {
        seconds == .max ? nil : .seconds(Int64(seconds))
    }
}
