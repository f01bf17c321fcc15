import CLibc
import EventLoop
import Mobility
import Posix

/// What the administration socket shows of the daemon, and does to it.
final class Administrator: AdministrationDelegate {
    private let daemon: Daemon
    private let options: DaemonOptions
    private let startedAt: Instant
    /// Since 1970-01-01 00:00 UTC.
    private let startMilliseconds = WallClock.milliseconds
    private var adminGroup: String
    /// What is in force, and where it comes from.
    private(set) var settings: [Setting]

    init(daemon: Daemon, options: DaemonOptions, _ loaded: LoadedConfiguration) {
        self.daemon = daemon
        self.options = options
        adminGroup = loaded.configuration.adminGroup
        settings = loaded.settings
        startedAt = daemon.now
    }

    var status: DaemonStatus {
        DaemonStatus(
            version: Program.version, process: Process.identifier,
            uptimeSeconds: uptimeSeconds,
            configurationPath: options.configurationPath, addresses: daemon.rules.addressCount,
            sockets: daemon.rules.socketCount, sources: daemon.rules.configuration.sources.count,
            requestsGranted: daemon.statistics.granted, requestsRefused: daemon.statistics.refused,
            lostEventOverruns: daemon.statistics.overruns, logLevel: daemon.log.level.description,
            hooks: daemon.hooks.areUsed, assignments: daemon.hooks.assignmentCount,
            networks: daemon.rules.networkSummaries(at: daemon.now).map(NetworkRow.init))
    }

    private var uptimeSeconds: UInt64 { UInt64(daemon.now.since(startedAt).components.seconds) }

    var metrics: String {
        var snapshot = MetricsSnapshot(
            version: Program.version, startMilliseconds: startMilliseconds, uptimeSeconds: uptimeSeconds)
        snapshot.fill(daemon.statistics, daemon.rules)
        return snapshot.text
    }

    func addressSummaries() -> [AddressSummary] { daemon.rules.addressSummaries(at: daemon.now) }

    func socketSummaries() -> [SocketSummary] { daemon.rules.socketSummaries() }

    func sourceSummaries() -> [SourceSummary] { daemon.rules.sourceSummaries() }

    var rules: [PolicyRule] { daemon.rules.configuration.policy.rules }

    func explain(_ request: AddressRequest) -> Explanation {
        daemon.rules.explanation(of: request, at: daemon.now)
    }

    func interfaceName(_ index: UInt32) -> String? { daemon.rules.interfaceName(of: index)?.description }

    func onAddressEvent(_ body: @escaping (EventRow) -> Void) {
        daemon.onAddressEvent { [unowned daemon] event in
            body(EventRow(event, at: daemon.now, time: WallClock.milliseconds))
        }
    }

    func acquire(_ type: ContinuityType, onNet: Bool, _ answer: @escaping (Answer) -> Void) {
        daemon.acquire(type, onNet: onNet, answer)
    }

    func assign(_ type: ContinuityType?, to controlGroup: String) throws(AssignmentError) {
        try daemon.hooks.assign(type, to: controlGroup, for: daemon)
    }

    func assignments() -> [(controlGroup: String, type: ContinuityType)] { daemon.hooks.assignments() }

    func release(_ address: IPv6Address) -> ReleaseOutcome {
        guard daemon.rules.addressSummary(of: address, at: daemon.now) != nil else { return .notOurs }
        daemon.tell(.released(address))
        guard let left = daemon.rules.addressSummary(of: address, at: daemon.now) else { return .removed }
        return .leaving(sockets: left.sockets)
    }

    func releaseAll() -> (removed: Int, leaving: Int) {
        var count = (removed: 0, leaving: 0)
        for summary in addressSummaries() {
            if release(summary.address) == .removed { count.removed += 1 } else { count.leaving += 1 }
        }
        return count
    }

    /// Puts the configuration files in force, or none of them if there is an error in any.
    func reload() -> [String] {
        Readiness.reloading()
        defer { Readiness.ready(status: statusLine) }
        do {
            let loaded = try DaemonConfiguration.load(
                path: options.configurationPath, isDefaultPath: options.isDefaultConfiguration)
            put(loaded)
            return []
        } catch {
            for line in error.lines { daemon.log.error("\(line)") }
            daemon.log.error("the configuration stays as it was")
            return error.lines
        }
    }

    private func put(_ loaded: LoadedConfiguration) {
        let changes = settings.changes(to: loaded.settings)
        settings = loaded.settings
        adminGroup = loaded.configuration.adminGroup
        daemon.log.level = loaded.configuration.logLevel
        daemon.reconfigure(loaded.configuration)
        for change in changes.prefix(Self.mostChangesLogged) { daemon.log.info("\(change)") }
        let rest = changes.count - Self.mostChangesLogged
        if rest > 0 { daemon.log.info("and \(rest) more changes") }
        daemon.log.info("configuration loaded\(changes.isEmpty ? ", nothing changed" : ""): \(statusLine)")
    }

    /// A reload must not keep sockets waiting for the journal.
    private static let mostChangesLogged = 50

    func setLogLevel(_ level: LogLevel) {
        daemon.log.level = level
        daemon.log.info("messages are logged up to level \(level)")
    }

    func mayChange(_ peer: PeerCredentials) -> Bool {
        if peer.user == 0 { return true }
        guard let group = Account.group(named: adminGroup) else { return false }
        return peer.group == group || Account.user(peer.user, isIn: group)
    }

    /// What `systemctl status` shows.
    var statusLine: String {
        let sources = daemon.rules.configuration.sources.count
        return sources == 1 ? "1 source" : "\(sources) sources"
    }
}
