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
    /// A prefix that the kernel tells without its type is held back for so long: if an option follows, kernels of its time
    /// tell all of it, and the same thing told with less is ignored from then on.
    private static let heldBackMicroseconds: UInt64 = 20_000
    /// Prefixes that are held back; as many as a link may have in all.
    private static let mostHeldBack = 32

    private var monitor: RouterMonitor?
    private var monitorSource: IOSource?
    private var raw: RawRouters?
    private var solicitor: RouterSolicitor?
    private var kernelTellsOptions = false
    private var heldBack: [KernelPrefix] = []
    private var holdTimer: Timer?

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
            let solicitor = try RouterSolicitor(socket: socket, loop: loop, log: log)
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
        holdTimer = try loop.timer { [unowned self, unowned daemon] in
            let prefixes = heldBack
            heldBack = []
            for prefix in prefixes { tell(Advertisement(prefix), to: daemon) }
        }
        self.monitor = monitor
    }

    private func drain(for daemon: Daemon) {
        do {
            let outcome = try monitor?.drain(budget: Self.noticesPerWakeUp) { notice in
                hear(notice, for: daemon)
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

extension RouterListener {
    private func hear(_ notice: RouterNotice, for daemon: Daemon) {
        switch notice {
        case .option(let octets, let index):
            guard let prefix = PrefixInformation(option: octets.span) else { return }
            kernelTellsOptions = true
            heldBack = []
            tell(Advertisement(prefix, interfaceIndex: index), to: daemon)
        case .prefix(let prefix):
            guard !kernelTellsOptions, heldBack.count < Self.mostHeldBack else { return }
            heldBack.append(prefix)
            holdTimer?.arm(at: loop.now + Self.heldBackMicroseconds)
        }
    }

    private func tell(_ advertisement: Advertisement, to daemon: Daemon) {
        daemon.tell(.prefixAdvertised(advertisement))
    }
}

extension Advertisement {
    init(_ prefix: KernelPrefix) {
        self.init(
            PrefixInformation(
                prefix: prefix.prefix, isOnLink: prefix.isOnLink, isAutonomous: prefix.isAutonomous,
                validSeconds: prefix.validSeconds, preferredSeconds: prefix.preferredSeconds),
            interfaceIndex: prefix.interfaceIndex)
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
