import EventLoop
import Kernel
import Mobility

/// Watches what others change: links, default routers, and what is ours.
final class ChangeWatch {
    /// Notices that are read in one wake-up, so that requests get their turn while a manager changes everything.
    private static let noticesPerWakeUp = 256
    /// When what is there could not be listed, it is tried again after this.
    private static let retryMicroseconds: UInt64 = 1_000_000

    private let loop: EventLoop
    private let log: Log
    private let routes: RouteSocket
    private let monitor: RouteMonitor
    private var source: IOSource?
    private var retry: Timer?
    /// Our own removals of addresses that the kernel has not told us of yet.
    private var removals = ExpectedRemovals()

    init(loop: EventLoop, log: Log, routes: RouteSocket) throws {
        self.loop = loop
        self.log = log
        self.routes = routes
        monitor = try RouteMonitor.open(ignoringRequestsOf: routes.port)
    }

    /// Tells links and routers that are there, and from then on what changes.
    func start(for daemon: Daemon) throws {
        source = try loop.watch(monitor.descriptor, for: .input) { [unowned self, unowned daemon] _ in
            drain(for: daemon)
        }
        retry = try loop.timer { [unowned self, unowned daemon] in
            source?.setEnabled(true)
            lookAgain(for: daemon)
        }
        try tellUplinks(to: daemon)
    }

    /// The kernel will tell of a removal of ours.
    func expectRemoval(of address: IPv6Address) { removals.expect(address) }

    private func drain(for daemon: Daemon) {
        do {
            let outcome = try monitor.drain(budget: Self.noticesPerWakeUp) { notice in
                if !removals.isOfFormerLife(notice), let event = Event(notice) { daemon.tell(event) }
            }
            guard outcome == .overrun else { return }
            // Nothing is in the queue any more, what it told of our own removals included.
            removals.forgetAll()
            daemon.statistics.countOverrun()
            log.warning("the kernel's notices were more than could be read; looking at everything again")
            lookAgain(for: daemon)
        } catch {
            log.error("\(error); looking at everything again in a moment")
            source?.setEnabled(false)
            retry?.arm(at: loop.now + Self.retryMicroseconds)
        }
    }

    // MARK: Looking at everything

    /// After lost notices. What happens while this looks is in notices again.
    private func lookAgain(for daemon: Daemon) {
        untilItSucceeds {
            try tellUplinks(to: daemon)
            try tellAddresses(to: daemon)
        }
    }

    /// Tells the addresses that carry our mark, and how each is; before them those that others made in advertised
    /// prefixes.
    func listAddresses(for daemon: Daemon) {
        untilItSucceeds { try tellAddresses(to: daemon) }
    }

    private func untilItSucceeds(_ look: () throws -> Void) {
        do {
            try look()
        } catch {
            log.warning("\(error); asking again")
            retry?.arm(at: loop.now + Self.retryMicroseconds)
        }
    }

    /// Tells all links and routers; what was told before is forgotten once both could be read.
    private func tellUplinks(to daemon: Daemon) throws {
        let (links, routers) = (try routes.links(), try routes.defaultRouters())
        daemon.tell(.uplinksForgotten)
        for link in links { daemon.tell(Event(link)) }
        for router in routers { daemon.tell(.routerFound(router)) }
        daemon.tell(.uplinksListed)
    }

    private func tellAddresses(to daemon: Daemon) throws {
        let all = try routes.addresses()
        for address in all where address.isAutoconfigured { daemon.tell(Event(autoconfigured: address)) }
        let ours = all.filter { $0.type != nil }
        for address in ours { daemon.tell(.addressListed(address.address)) }
        daemon.tell(.addressesListed)
        for address in ours { if let event = Event(.address(address)) { daemon.tell(event) } }
    }
}

extension Event {
    init(_ link: Link) {
        self = .linkFound(index: link.index, name: link.name, isUp: link.isUp, isRunning: link.isRunning)
    }

    init(autoconfigured address: KernelAddress) {
        let isDeprecated = address.preferredSeconds == 0 || address.flags.contains(.dadFailed)
        self = .addressAutoconfigured(
            AutoconfiguredAddress(
                address: address.address, interfaceIndex: address.interfaceIndex,
                isUsable: address.canBeBound, isPreferred: !isDeprecated))
    }

    /// What a notice means to the rules; nil if nothing.
    init?(_ notice: RouteNotice) {
        switch notice {
        case .address(let address):
            if address.isAutoconfigured {
                self.init(autoconfigured: address)
            } else if address.type == nil {
                self = .addressOverwritten(address.address, interfaceIndex: address.interfaceIndex)
            } else if address.flags.contains(.dadFailed) {
                self = .addressDuplicate(address.address)
            } else if address.canBeBound {
                self = .addressUsable(address.address)
            } else {
                self = .addressTentative(address.address)
            }
        case .addressGone(let address):
            self =
                address.type != nil
                ? .addressLost(address.address)
                : .autoconfiguredAddressGone(address.address, interfaceIndex: address.interfaceIndex)
        case .link(let link): self.init(link)
        case .linkGone(let index): self = .linkGone(index: index)
        case .defaultRouter(let router): self = .routerFound(router)
        case .defaultRouterGone(let router): self = .routerGone(router)
        case .ruleGone(let rule):
            guard let routing = OwnRouting(rule) else { return nil }
            self = .routingLost(routing)
        case .routeGone(let route):
            guard let routing = OwnRouting(route) else { return nil }
            self = .routingLost(routing)
        }
    }
}
