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
    private var retired: [any PrefixSource] = []
    /// Somebody is being called.
    private var isCalling = false
    /// What was said within the call: it is told when all that was decided with it has been done.
    private var untold: [(id: LeaseID, tell: () -> Void)] = []
    private var telling: Timer?

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
            case .cancel(let id): leave(id)?.cancel(id)
            case .giveBack(let id): leave(id)?.giveBack(id)
            case .decline(let id): leave(id)?.decline(id)
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
        guard let source = sources[request.source] else {
            let explanation = "it is not there"
            learn(.refused(request.id, .noSource, explanation: explanation), request.source, for: daemon)
            return
        }
        owners[request.id] = source
        source.ask(request)
    }

    /// Nobody wants to know any more what becomes of a prefix.
    private func leave(_ id: LeaseID) -> (any PrefixSource)? {
        untold.removeAll { $0.id == id }
        return owners.removeValue(forKey: id)
    }

    private func learn(_ outcome: PrefixOutcome, _ source: String, for daemon: Daemon) {
        guard isCalling else { return tell(outcome, source, to: daemon) }
        untold.append((outcome.id, { [unowned self, unowned daemon] in tell(outcome, source, to: daemon) }))
        telling?.arm(at: loop.now)
    }

    private func tell(_ outcome: PrefixOutcome, _ source: String, to daemon: Daemon) {
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
        for source in configuration.mobility.sources {
            switch source.kind {
            case .static: break
            case .routerAdvertisement: routers.start(for: daemon)
            case .dhcpv6:
                // The kernel does not know of routers where somebody else does its work.
                routers.start(for: daemon)
                made[source.name] = dhcpv6(source, configuration, for: daemon)
            case .helper: made[source.name] = helper(source, configuration, for: daemon)
            }
        }
        retired.removeAll(where: \.isIdle)
        retired += sources.filter { name, source in made[name] !== source && !source.isIdle }.values
        sources = made
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

    // MARK: The start

    /// Goes on with the prefixes that an earlier run was granted, and tells of them.
    func recover(for daemon: Daemon) {
        for stored in leases.load() {
            guard let lease = stored.lease, let source = adopt(stored, for: daemon) else {
                log.info("source \(stored.source): the time of \(stored.prefix) is over")
                leases.forget(LeaseID(stored.id))
                continue
            }
            owners[lease.id] = source
            daemon.tell(.prefixFound(lease))
        }
    }

    /// - Returns: whoever has the lease now; nil if it cannot be gone on with.
    private func adopt(_ stored: StoredLease, for daemon: Daemon) -> (any PrefixSource)? {
        if let helper = stored.helper, let lease = stored.lease {
            // Without its program nobody can be told.
            guard let source = sources[stored.source] as? HelperSource,
                let kept = helper.lease(lease, at: Instant(microseconds: loop.now))
            else { return nil }
            source.adopt(kept)
            return source
        }
        let settings = DHCPv6Source.Settings(content: .prefixDelegation, conveyance: .userClass)
        let known = sources[stored.source] as? DHCPv6Source
        // The configuration may not have it any more: it is needed to give the prefix back.
        guard stored.dhcpv6 != nil, let source = known ?? makeDHCPv6(stored.source, settings, for: daemon)
        else { return nil }
        if known == nil { retired.append(source) }
        return source.adopt(stored) ? source : nil
    }
}
