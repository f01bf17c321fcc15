import CLibc
import EventLoop
import Kernel
import Mobility
import Posix

/// Performs actions on the kernel and reports what came of them.
final class KernelExecutor {
    /// Events that are read in one wake-up, so that requests get their turn while thousands of sockets die.
    private static let deathsPerWakeUp = 256
    private static let noticesPerWakeUp = 256

    private let loop: EventLoop
    private let log: Log
    private let routes: RouteSocket
    private let diagnosis: SocketDiagnosis
    private let routing: UplinkRouting
    private let monitor: RouteMonitor
    private var monitorSource: IOSource?
    /// Our own removals that the kernel has not told us of yet.
    private var removed: [IPv6Address: Int] = [:]
    private var deaths: SocketDeathMonitor?
    private var deathsSource: IOSource?

    init(loop: EventLoop, log: Log) throws {
        self.loop = loop
        self.log = log
        routes = try RouteSocket.open()
        diagnosis = try SocketDiagnosis.open()
        monitor = try RouteMonitor.open()
        routing = UplinkRouting(routes: routes, log: log)
    }

    func perform(_ action: Action, for daemon: Daemon) {
        switch action {
        case .addAddress(let plan): add(plan, for: daemon)
        case .removeAddress(let address, let interfaceIndex):
            remove(address, interfaceIndex)
            daemon.tell(.addressRemoved(address))
        case .followSocketDeaths: followDeaths(for: daemon)
        case .stopFollowingSocketDeaths:
            deathsSource = nil
            deaths = nil
        case .findSockets(let prefix): findSockets(in: prefix, for: daemon)
        case .checkProcess(let cookie, let process):
            if !Process.isThere(process) { daemon.tell(.processGone(cookie)) }
        case .addTable, .removeTable, .setRouter, .addLinkRoute, .removeLinkRoute, .addRule, .removeRule,
            .addLocalRoute, .removeLocalRoute:
            routing.perform(action)
        case .answer: preconditionFailure("answers are not for the kernel")
        }
    }

    // MARK: Addresses

    private func add(_ plan: PlannedAddress, for daemon: Daemon) {
        do {
            try routes.add(KernelAddress(plan))
            log.debug("\(plan.address) (\(plan.type)) added")
        } catch {
            if error.errno == EEXIST {
                log.warning("\(plan.address) is on this host already; trying another")
                daemon.tell(.addressTaken(plan.address))
            } else {
                log.error("\(error)")
                daemon.tell(.addressRefused(plan.address, error.errno))
            }
            return
        }
        if !plan.detectsDuplicates { daemon.tell(.addressUsable(plan.address)) }
    }

    private func remove(_ address: IPv6Address, _ interfaceIndex: UInt32) {
        do {
            try routes.remove(address, prefixLength: 128, interfaceIndex: interfaceIndex)
            removed[address, default: 0] += 1
            log.debug("\(address) removed")
        } catch {
            let isGone = [EADDRNOTAVAIL, ENODEV, ENXIO].contains(error.errno)
            if !isGone { log.error("\(error)") }
        }
    }

    // MARK: Sockets

    private func followDeaths(for daemon: Daemon) {
        do {
            let deaths = try SocketDeathMonitor.open()
            deathsSource = try loop.watch(deaths.descriptor, for: .input) { [unowned self] _ in
                drainDeaths(for: daemon)
            }
            self.deaths = deaths
        } catch {
            log.error("socket deaths cannot be followed: \(error)")
        }
    }

    private func drainDeaths(for daemon: Daemon) {
        guard let deaths else { return }
        do {
            let outcome = try deaths.drain(budget: Self.deathsPerWakeUp) { daemon.tell(.socketDestroyed($0)) }
            if outcome == .overrun {
                daemon.statistics.countOverrun()
                log.warning("the kernel lost track of closed sockets; looking at all that are open")
                daemon.tell(.socketDeathsLost)
            }
        } catch {
            log.error("\(error)")
        }
    }

    private func findSockets(in prefix: IPv6Prefix, for daemon: Daemon) {
        do {
            try diagnosis.sockets(boundIn: prefix) { socket in
                // A connection that has ended waits for stray segments, but nobody has it open.
                guard !socket.isTimeWait else { return }
                daemon.tell(
                    .socketFound(
                        Mobility.FoundSocket(
                            cookie: socket.cookie, address: socket.address, transport: socket.transport,
                            user: socket.user)))
            }
            daemon.tell(.socketsListed(prefix))
        } catch {
            log.warning("\(error); asking again")
            daemon.tell(.socketsUnknown(prefix))
        }
    }

    // MARK: The start, and what others do

    /// Tells what is there, and from then on what changes.
    func recover(for daemon: Daemon) throws {
        monitorSource = try loop.watch(monitor.descriptor, for: .input) { [unowned self] _ in
            drainNotices(for: daemon)
        }
        try tellUplinks(to: daemon)
        for event in try routing.leftovers() { daemon.tell(event) }
        for address in try routes.addresses() {
            guard let type = address.type else { continue }
            log.info("\(address.address) (\(type)) is there from an earlier run")
            daemon.tell(
                .addressFound(
                    FoundAddress(
                        address: address.address, type: type, interfaceIndex: address.interfaceIndex,
                        isUsable: address.canBeBound)))
            if let event = Event(.address(address)) { daemon.tell(event) }
        }
        daemon.tell(.recovered)
    }

    private func drainNotices(for daemon: Daemon) {
        do {
            let outcome = try monitor.drain(budget: Self.noticesPerWakeUp) { notice in
                if isOwnRemoval(notice) { return }
                if let event = Event(notice) { daemon.tell(event) }
            }
            guard outcome == .overrun else { return }
            daemon.statistics.countOverrun()
            removed.removeAll()
            log.warning("the kernel's notices were more than could be read; looking at everything again")
            try lookAgain(for: daemon)
        } catch {
            log.error("\(error)")
        }
    }

    /// The kernel tells us of our own removals too. The address may be there again by then, so they are counted.
    private func isOwnRemoval(_ notice: RouteNotice) -> Bool {
        guard case .addressGone(let gone) = notice, gone.type != nil else { return false }
        guard let count = removed[gone.address] else {
            log.warning("\(gone.address) was removed, not by odmd; its sockets have lost it")
            return false
        }
        removed[gone.address] = count > 1 ? count - 1 : nil
        return true
    }

    private func lookAgain(for daemon: Daemon) throws {
        try tellUplinks(to: daemon)
        for address in try routes.addresses() {
            if let event = Event(.address(address)) { daemon.tell(event) }
        }
    }

    /// Tells all links and routers; what was told before is forgotten once both could be read.
    private func tellUplinks(to daemon: Daemon) throws {
        let (links, routers) = (try routes.links(), try routes.defaultRouters())
        daemon.tell(.uplinksForgotten)
        for link in links { daemon.tell(.linkFound(index: link.index, name: link.name)) }
        for router in routers { daemon.tell(.routerFound(router)) }
        daemon.tell(.uplinksListed)
    }
}

extension KernelAddress {
    /// DAD has ended well, or is optimistic (RFC 4429).
    fileprivate var canBeBound: Bool {
        if flags.contains(.dadFailed) { return false }
        return !flags.contains(.tentative) || flags.contains(.optimistic)
    }

    /// How an address of ours is configured: never chosen by a program that did not ask (preferred lifetime 0,
    /// RFC 6724 rule 3), without a route of its own, and with DAD only where there are neighbours.
    init(_ plan: PlannedAddress) {
        self.init(
            address: plan.address, prefixLength: 128, interfaceIndex: plan.interfaceIndex,
            flags: plan.detectsDuplicates ? [.optimistic, .noPrefixRoute] : [.noDAD, .noPrefixRoute],
            preferredSeconds: 0, validSeconds: .max, proto: RoutingProtocol.odmd + plan.type.rawValue)
    }
}

extension Event {
    /// What a notice means to the rules; nil if nothing.
    init?(_ notice: RouteNotice) {
        switch notice {
        case .address(let address):
            guard address.type != nil else { return nil }
            if address.flags.contains(.dadFailed) {
                self = .addressDuplicate(address.address)
            } else if address.canBeBound {
                self = .addressUsable(address.address)
            } else {
                return nil
            }
        case .addressGone(let address):
            guard address.type != nil else { return nil }
            self = .addressLost(address.address)
        case .link(let link): self = .linkFound(index: link.index, name: link.name)
        case .linkGone(let index): self = .linkGone(index: index)
        case .defaultRouter(let router): self = .routerFound(router)
        case .defaultRouterGone(let router): self = .routerGone(router)
        }
    }
}
