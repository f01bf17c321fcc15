import CLibc
import EventLoop
import Kernel
import Mobility

/// Performs actions on the kernel and reports what came of them.
final class KernelExecutor {
    private let log: Log
    private let routes: RouteSocket
    private let routing: UplinkRouting
    private let changes: ChangeWatch
    private let sockets: SocketWatch
    private let probe: RouterProbe

    init(loop: EventLoop, log: Log, eventBufferBytes: Int, holders: any HolderSearch) throws {
        self.log = log
        routes = try RouteSocket.open()
        routing = UplinkRouting(routes: routes, log: log)
        changes = try ChangeWatch(loop: loop, log: log, routes: routes)
        probe = RouterProbe(loop: loop, log: log, routes: routes)
        sockets = try SocketWatch(
            loop: loop, log: log, eventBufferBytes: eventBufferBytes, holders: holders)
    }

    func perform(_ action: Action, for daemon: Daemon) {
        switch action {
        case .addAddress(let plan): add(plan, for: daemon)
        case .abortSockets(let address, let cookies): sockets.abort(boundTo: address, only: cookies)
        case .restoreAddress(let plan): restore(plan, for: daemon)
        case .removeAddress(let address, let interfaceIndex):
            remove(address, interfaceIndex)
            daemon.tell(.addressRemoved(address))
        case .removeIfOurs(let address, let interfaceIndex):
            if find(address, on: interfaceIndex)?.type != nil { remove(address, interfaceIndex) }
        case .listAddresses: changes.listAddresses(for: daemon)
        case .followSocketDeaths: sockets.follow(for: daemon)
        case .stopFollowingSocketDeaths: sockets.stopFollowing()
        case .findSockets(let prefix): sockets.find(in: prefix, for: daemon)
        case .measureTraffic(let prefix): sockets.measureTraffic(in: prefix, for: daemon)
        case .findHolders: sockets.findHolders(for: daemon)
        case .addRouting, .removeRouting, .setRouter: routing.perform(action)
        case .probeRouter(let index, let address): probe.probe(address, on: index, for: daemon)
        case .forgetNeighbour(let index, let address): forgetNeighbour(address, on: index)
        case .answer, .keepRecord, .eraseRecord, .keepNetwork, .network, .announce, .report:
            preconditionFailure("not for the kernel")
        }
    }

    /// Whether the kernel has to be asked to tell of socket deaths may have changed.
    func reviewFollowing(for daemon: Daemon) { sockets.review(for: daemon) }

    /// The receive buffer that the next subscription to socket deaths gets.
    func setEventBuffer(bytes: Int) { sockets.eventBufferBytes = bytes }

    // MARK: Addresses

    private func add(_ plan: PlannedAddress, for daemon: Daemon) {
        do {
            try routes.add(KernelAddress(plan, at: daemon.now))
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

    private func restore(_ plan: PlannedAddress, for daemon: Daemon) {
        do {
            try routes.replace(KernelAddress(plan, at: daemon.now))
        } catch {
            log.error("\(error)")
            daemon.tell(.addressRefused(plan.address, error.errno))
            return
        }
        // One that was only changed can be bound, and no notice says so.
        let canBeBound =
            !plan.detectsDuplicates || find(plan.address, on: plan.interfaceIndex)?.canBeBound ?? false
        daemon.tell(canBeBound ? .addressUsable(plan.address) : .addressTentative(plan.address))
    }

    private func find(_ address: IPv6Address, on interfaceIndex: UInt32) -> KernelAddress? {
        (try? routes.address(address, interfaceIndex: interfaceIndex)) ?? nil
    }

    private func remove(_ address: IPv6Address, _ interfaceIndex: UInt32) {
        do {
            try routes.remove(address, prefixLength: 128, interfaceIndex: interfaceIndex)
            log.debug("\(address) removed")
        } catch {
            guard [EADDRNOTAVAIL, ENODEV, ENXIO].contains(error.errno) else {
                log.error("\(error)")
                return
            }
        }
        // Also if somebody was faster: the notice of that is on its way.
        changes.expectRemoval(of: address)
    }

    /// That the kernel has no such entry is no failure.
    private func forgetNeighbour(_ address: IPv6Address, on interfaceIndex: UInt32) {
        do {
            try routes.forgetNeighbour(address, interfaceIndex: interfaceIndex)
        } catch {
            log.debug("\(error)")
        }
    }

    // MARK: The start

    /// Tells links and routers, and from then on what changes.
    func watch(for daemon: Daemon) throws { try changes.start(for: daemon) }

    /// Tells what there is of an earlier run, and addresses of others that may be given to sockets.
    func recover(for daemon: Daemon) throws {
        for routing in try routing.found() { daemon.tell(.routingFound(routing)) }
        for address in try routes.addresses() {
            if address.isAutoconfigured { daemon.tell(Event(autoconfigured: address)) }
            guard let type = address.type else { continue }
            var found = FoundAddress(
                address: address.address, type: type, interfaceIndex: address.interfaceIndex,
                isUsable: address.canBeBound, validUntil: address.validUntil(at: daemon.now))
            found.isPreferred = address.preferredSeconds > 0
            daemon.tell(.addressFound(found))
            if address.flags.contains(.dadFailed) { daemon.tell(.addressDuplicate(address.address)) }
        }
    }
}

extension KernelAddress {
    /// DAD has ended well, or is optimistic (RFC 4429).
    var canBeBound: Bool {
        if flags.contains(.dadFailed) { return false }
        return !flags.contains(.tentative) || flags.contains(.optimistic)
    }

    /// How an address of ours is configured: never chosen by a program that did not ask (preferred lifetime 0,
    /// RFC 6724 rule 3) unless that is policy, without a route of its own, and with DAD only where there are neighbours.
    fileprivate init(_ plan: PlannedAddress, at now: Instant) {
        let valid = plan.validUntil.map { Self.seconds(from: now, to: $0) } ?? .max
        self.init(
            address: plan.address, prefixLength: 128, interfaceIndex: plan.interfaceIndex,
            flags: plan.detectsDuplicates ? [.optimistic, .noPrefixRoute] : [.noDAD, .noPrefixRoute],
            preferredSeconds: plan.isPreferred ? valid : 0, validSeconds: valid,
            proto: RoutingProtocol.odmd + plan.type.rawValue)
    }

    /// Rounded up, and at least one: the kernel does not take an address that has no time left.
    private static func seconds(from now: Instant, to end: Instant) -> UInt32 {
        let microseconds = end.microseconds - min(now.microseconds, end.microseconds)
        return UInt32(clamping: max(1, (microseconds + 999_999) / 1_000_000))
    }

    /// When the kernel takes it away by itself; nil for never.
    fileprivate func validUntil(at now: Instant) -> Instant? {
        validSeconds == .max ? nil : now + .seconds(Int64(validSeconds))
    }
}
