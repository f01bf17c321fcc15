import EventLoop
import Mobility
import NetworkSide

/// Says to the network what the rules want said, and reports what it answers.
final class NetworkExecutor {
    private let loop: EventLoop
    private let log: Log
    private let client: ClientIdentifier
    private let leases: LeaseDirectory
    private let routers: RouterListener
    /// Who can be asked, by name.
    private var sources: [String: any PrefixSource] = [:]
    /// Who was asked for a prefix, until it is given back.
    private var owners: [LeaseID: any PrefixSource] = [:]
    /// Whom the configuration no longer has, and who still have prefixes to give back.
    private(set) var retired: [any PrefixSource] = []
    /// Somebody is being called.
    private var isCalling = false
    /// What was said within the call: it is told when all that was decided with it has been done.
    private var untold: [(id: LeaseID, tell: () -> Void)] = []
    private var telling: Timer?
    private var stranded = StrandedLeases()
    /// Fires when the time of one is over.
    private var ending: Timer?

    init(loop: EventLoop, log: Log, client: ClientIdentifier, leases: LeaseDirectory) throws {
        self.loop = loop
        self.log = log
        self.client = client
        self.leases = leases
        routers = RouterListener(loop: loop, log: log)
        telling = try loop.timer { [unowned self] in while !untold.isEmpty { untold.removeFirst().tell() } }
    }

    func perform(_ action: NetworkAction, for daemon: Daemon) {
        calling {
            switch action {
            case .ask(let request): ask(request, for: daemon)
            case .cancel(let id): leave(id) { $0.cancel(id) }
            case .giveBack(let id): leave(id) { $0.giveBack(id) }
            case .rebind(let id, let interface): owners[id]?.rebind(id, interface: interface)
            case .decline(let id): leave(id) { $0.decline(id) }
            case .solicitRouters(let index): routers.solicit(index)
            }
        }
    }

    private func calling<Result>(_ body: () -> Result) -> Result {
        isCalling = true
        defer { isCalling = false }
        return body()
    }

    private func ask(_ request: PrefixRequest, for daemon: Daemon) {
        daemon.statistics.countQuestion(to: request.source)
        guard let source = sources[request.source] else {
            let explanation = "it is not there"
            learn(.refused(request.id, .noSource, explanation: explanation), request.source, for: daemon)
            return
        }
        owners[request.id] = source
        source.ask(request)
    }

    /// Nobody wants to know any more what becomes of a prefix.
    private func leave(_ id: LeaseID, _ say: (any PrefixSource) -> Void) {
        untold.removeAll { $0.id == id }
        if let owner = owners.removeValue(forKey: id) { say(owner) } else { stranded.giveBack(id) }
    }

    private func learn(_ outcome: PrefixOutcome, _ source: String, for daemon: Daemon) {
        guard isCalling else { return tell(outcome, source, to: daemon) }
        untold.append((outcome.id, { [unowned self, unowned daemon] in tell(outcome, source, to: daemon) }))
        telling?.arm(at: loop.now)
    }

    private func tell(_ outcome: PrefixOutcome, _ source: String, to daemon: Daemon) {
        daemon.statistics.count(outcome, of: source)
        switch outcome {
        case .granted(let lease):
            log.debug("source \(source): \(lease.prefix) for \(lease.type)")
            daemon.tell(.prefixGranted(lease))
        case .refused(let id, let refusal, let explanation):
            log.warning("source \(source) gives no prefix: \(explanation)")
            owners[id] = nil
            daemon.tell(.prefixRefused(id, refusal))
        case .withdrawn(let id, let explanation):
            log.warning("source \(source) takes a prefix away: \(explanation)")
            owners[id] = nil
            daemon.tell(.prefixWithdrawn(id))
        }
    }

    // MARK: Sources

    /// Makes the sources that the configuration has. One of the same name and kind goes on with what it has.
    func configure(_ configuration: DaemonConfiguration, for daemon: Daemon) {
        var made: [String: any PrefixSource] = [:]
        // Of every uplink it must be known on which network it is, also where the kernel ignores routers.
        if configuration.mobility.sources.contains(where: \.hasUplink) { routers.start(for: daemon) }
        for source in configuration.mobility.sources {
            switch source.kind {
            case .static, .routerAdvertisement: break
            case .dhcpv6: made[source.name] = dhcpv6(source, configuration, for: daemon)
            case .helper: made[source.name] = helper(source, configuration, for: daemon)
            }
        }
        retired.removeAll(where: \.isIdle)
        retired += sources.filter { name, source in made[name] !== source && !source.isIdle }.values
        sources = made
        bringHome(for: daemon)
    }

    private func dhcpv6(
        _ source: Source, _ configuration: DaemonConfiguration, for daemon: Daemon
    ) -> DHCPv6Source? {
        let settings = DHCPv6Source.Settings(
            content: source.place == .interface ? .nonTemporaryAddress : .prefixDelegation,
            conveyance: configuration.conveyances[source.name] ?? .userClass)
        if let known = sources[source.name] as? DHCPv6Source {
            known.settings = settings
            return known
        }
        return makeDHCPv6(source.name, settings, for: daemon)
    }

    private func makeDHCPv6(
        _ name: String, _ settings: DHCPv6Source.Settings, for daemon: Daemon
    ) -> DHCPv6Source? {
        making(name) {
            try DHCPv6Source(
                name: name, settings: settings, client: client,
                interfaceIndex: { [unowned daemon] in daemon.rules.interfaceIndex(of: $0) }, loop: loop,
                log: log, leases: leases
            ) { [unowned self, unowned daemon] outcome in learn(outcome, name, for: daemon) }
        }
    }

    private func helper(
        _ source: Source, _ configuration: DaemonConfiguration, for daemon: Daemon
    ) -> HelperSource? {
        let command = configuration.commands[source.name] ?? []
        if let known = sources[source.name] as? HelperSource,
            known.command == command, known.defaultInterface == source.interface
        {
            return known
        }
        return making(source.name) {
            let helper = try HelperSource(
                name: source.name, command: command, defaultInterface: source.interface, loop: loop, log: log
            ) { [unowned self, unowned daemon] outcome in learn(outcome, source.name, for: daemon) }
            helper.onLeaseChange { [unowned self] id, lease in keep(lease, id) }
            return helper
        }
    }

    private func making<Made>(_ name: String, _ make: () throws -> Made) -> Made? {
        do {
            return try make()
        } catch {
            log.error("source \(name): \(error)")
            return nil
        }
    }

    private func keep(_ lease: HelperLease?, _ id: LeaseID) {
        if let lease {
            leases.keep(
                StoredLease(
                    lease.lease, helper: StoredLease.Helper(lease, at: Instant(microseconds: loop.now))),
                isDurable: lease.lease.type == .fixed)
        } else {
            leases.forget(id)
        }
    }
}

// Prefixes of an earlier run.
extension NetworkExecutor {
    /// What becomes of a prefix of an earlier run.
    private enum Adoption {
        case by(any PrefixSource)
        case timeIsOver
        case sourceIsMissing(until: Instant?)
    }

    /// Goes on with the prefixes that an earlier run was granted, and tells of them.
    func recover(for daemon: Daemon) throws {
        ending = try loop.timer { [unowned self, unowned daemon] in endOverdue(for: daemon) }
        for stored in leases.load() {
            guard let lease = stored.lease, goOn(with: stored, for: daemon) else { continue }
            daemon.tell(.prefixFound(lease))
        }
        armEnding()
    }

    /// - Returns: false if there is nothing to go on with.
    @discardableResult
    private func goOn(with stored: StoredLease, for daemon: Daemon) -> Bool {
        switch calling({ adopt(stored, for: daemon) }) {
        case .by(let source): owners[LeaseID(stored.id)] = source
        case .timeIsOver:
            end(stored)
            return false
        case .sourceIsMissing(let end):
            log.warning(
                "source \(stored.source) is not there: \(stored.prefix), which it gave, is kept until its time is over or "
                    + "the source is back")
            stranded.add(stored, until: end)
        }
        return true
    }

    private func adopt(_ stored: StoredLease, for daemon: Daemon) -> Adoption {
        guard let lease = stored.lease else { return .timeIsOver }
        let now = Instant(microseconds: loop.now)
        if let helper = stored.helper {
            guard let kept = helper.lease(lease, at: now) else { return .timeIsOver }
            // Without its program nobody can be told.
            guard let source = sources[stored.source] as? HelperSource else {
                return .sourceIsMissing(until: kept.validUntil)
            }
            source.adopt(kept)
            return .by(source)
        }
        guard let known = stored.dhcpv6?.lease(lease, at: now) else { return .timeIsOver }
        guard let source = dhcpv6(of: stored, for: daemon) else {
            return .sourceIsMissing(until: known.expiry)
        }
        return source.adopt(stored) ? .by(source) : .timeIsOver
    }

    /// The configuration may not have it any more: it is needed to give the prefix back.
    private func dhcpv6(of stored: StoredLease, for daemon: Daemon) -> DHCPv6Source? {
        if let known = sources[stored.source] as? DHCPv6Source { return known }
        let retiree = retired.lazy.compactMap { $0 as? DHCPv6Source }.first { $0.name == stored.source }
        if let retiree { return retiree }
        let settings = DHCPv6Source.Settings(content: .prefixDelegation, conveyance: .userClass)
        let made = makeDHCPv6(stored.source, settings, for: daemon)
        if let made { retired.append(made) }
        return made
    }

    private func end(_ stored: StoredLease) {
        log.info("source \(stored.source): the time of \(stored.prefix) is over")
        leases.forget(LeaseID(stored.id))
    }

    // MARK: Those whose source is missing

    /// Sources that are there again go on with what they gave, or are told that nobody needs it.
    private func bringHome(for daemon: Daemon) {
        for lease in stranded.take(of: sources.keys) where goOn(with: lease.stored, for: daemon) {
            let id = LeaseID(lease.stored.id)
            if lease.isGivenBack { calling { leave(id) { $0.giveBack(id) } } }
        }
        armEnding()
    }

    private func endOverdue(for daemon: Daemon) {
        for stored in stranded.takeOverdue(at: Instant(microseconds: loop.now)) {
            end(stored)
            daemon.tell(.prefixWithdrawn(LeaseID(stored.id)))
        }
        armEnding()
    }

    private func armEnding() {
        if let next = stranded.nextEnd { ending?.arm(at: next.microseconds) } else { ending?.disarm() }
    }
}

extension Source {
    fileprivate var hasUplink: Bool { interface != nil || !uplinks.isEmpty }
}
