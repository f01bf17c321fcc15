import EventLoop
import Posix

@testable import Daemon
@testable import Mobility

/// What a fake daemon was asked to do, in order. One thread writes, another reads when that one has ended.
final class Journal: @unchecked Sendable {
    private(set) var all: [String] = []

    func append(_ entry: String) { all.append(entry) }
}

/// A daemon that has what a test gives it, and writes down what it is asked to do.
final class FakeDelegate: AdministrationDelegate {
    let journal: Journal
    var addresses: [AddressSummary] = []
    var sockets: [SocketSummary] = []
    var sources: [SourceSummary] = []
    var networks: [NetworkSummary] = []
    var interfaces: [UInt32: String] = [1: "lo"]
    /// The answer to Acquire; nil: it comes later, by `onAcquire`, or when the test calls what is in
    /// `waiting`.
    var answer: Answer?
    var waiting: [(Answer) -> Void] = []
    var onAcquire: () -> Void = {}
    var releaseOutcome = ReleaseOutcome.removed
    var reloadErrors: [String] = []
    var permits = true
    /// Tells the server of an event.
    private(set) var tell: (EventRow) -> Void = { _ in }
    private var happening: Timer?

    init(journal: Journal = Journal()) {
        self.journal = journal
    }

    var status: DaemonStatus {
        DaemonStatus(
            version: "0.1.0", process: 71, uptimeSeconds: 3600, configurationPath: "/etc/odmd/odmd.conf",
            addresses: addresses.count, sockets: sockets.count, sources: sources.count, requestsGranted: 5,
            requestsRefused: 1, lostEventOverruns: 0,
            logLevel: "info", hooks: true, assignments: assigned.count,
            networks: networks.map(NetworkRow.init))
    }

    var metrics: String { "# EOF\n" }

    func addressSummaries() -> [AddressSummary] { addresses }
    func socketSummaries() -> [SocketSummary] { sockets }
    func sourceSummaries() -> [SourceSummary] { sources }
    var rules: [PolicyRule] = Policy().rules
    var settings: [Setting] = []
    var explanation = Explanation(rule: 0, outcome: .asked)
    /// What was asked last.
    var explained: AddressRequest?
    func explain(_ request: AddressRequest) -> Explanation {
        explained = request
        return explanation
    }
    func onAddressEvent(_ body: @escaping (EventRow) -> Void) { tell = body }
    func interfaceName(_ index: UInt32) -> String? { interfaces[index] }

    func acquire(_ type: ContinuityType, onNet: Bool, _ answer: @escaping (Answer) -> Void) {
        journal.append("acquire \(type)\(onNet ? " on-net" : "")")
        if let given = self.answer { return answer(given) }
        waiting.append(answer)
        onAcquire()
    }

    func release(_ address: IPv6Address) -> ReleaseOutcome {
        journal.append("release \(address)")
        return releaseOutcome
    }

    var assigned: [(controlGroup: String, type: ContinuityType)] = []
    var assignmentError: AssignmentError?

    func assignments() -> [(controlGroup: String, type: ContinuityType)] { assigned }

    func assign(_ type: ContinuityType?, to controlGroup: String) throws(AssignmentError) {
        if let assignmentError { throw assignmentError }
        journal.append("assign \(type?.description ?? "nothing") to \(controlGroup)")
    }

    func releaseAll() -> (removed: Int, leaving: Int) {
        journal.append("release all")
        return (2, 1)
    }

    func reload() -> [String] {
        journal.append("reload")
        return reloadErrors
    }

    func setLogLevel(_ level: LogLevel) { journal.append("log level \(level)") }

    func mayChange(_ peer: PeerCredentials) -> Bool { permits }
}

extension FakeDelegate {
    /// Has so many events happen every ten milliseconds.
    func haveHappen(_ count: Int, on loop: EventLoop) throws {
        happening = try loop.timer { [unowned self] in
            for _ in 0..<count { tell(.sample) }
            happening?.arm(at: loop.now + 10_000)
        }
        happening?.arm(at: loop.now)
    }

    /// One of each kind of thing, with every field that can be there.
    func addSamples() {
        rules =
            Policy([
                PolicyRule(
                    name: "few", types: [.fixed], users: [1, 4_294_967_294], groups: [5],
                    units: ["voip-*.service"],
                    maxAddresses: 4, maxSockets: 8)
            ]).rules
        settings = [
            Setting(section: "Daemon", key: "LogLevel", value: "info", location: nil),
            Setting(
                section: "Source modem", key: "Command", value: "/bin/x --key 1",
                location: ConfigurationLocation(file: "/etc/odmd/odmd.conf", line: 7)),
        ]
        explanation = Explanation(rule: 0, outcome: .made("2001:db8::1"))
        explanation.addresses = 2
        explanation.sockets = 3
        explanation.considered = [
            .init(source: "a", interface: nil, verdict: .otherTypes),
            .init(source: "b", interface: "wlan0", verdict: .nothing(.noNetwork)),
            .init(source: "c", interface: nil, verdict: .gives("2001:db8::1")),
        ]
        addresses = [
            AddressSummary(
                address: "2001:db8::1", type: .fixed, state: .active, source: "home", interfaceIndex: 1,
                sockets: 2, isHeld: true, owner: nil, lingerLeft: nil),
            AddressSummary(
                address: "2001:db8::2", type: .sessionLasting, state: .lingering, source: nil,
                interfaceIndex: 7, sockets: 0, isHeld: false, owner: .user(4_000_000_000),
                lingerLeft: .milliseconds(28_500)),
            AddressSummary(
                address: "2001:db8::3", type: .nonPersistent, state: .active, source: "home",
                interfaceIndex: nil, sockets: 1, isHeld: false, owner: .socket(cookie: .max), lingerLeft: nil),
        ]
        sockets = [
            SocketSummary(
                cookie: 0x1a2b, address: "2001:db8::1", type: .fixed, transport: 6, user: 0, process: 42),
            SocketSummary(
                cookie: 0xc, address: "2001:db8::1", type: .fixed, transport: 0, user: 4_000_000_000,
                process: 0),
        ]
        networks = [
            NetworkSummary(
                interfaceIndex: 3, interface: "wlan0", router: "fe80::1", prefixes: ["2001:db8:1::/64"],
                age: .seconds(185)),
            NetworkSummary(interfaceIndex: 4, interface: "eth0", router: nil, prefixes: [], age: nil),
        ]
        sources = [
            SourceSummary(
                source: Source(
                    name: "home", types: [.sessionLasting, .fixed], prefixes: ["2001:db8::/56"],
                    interface: "wlan0", place: .route, maxAddresses: 16),
                addresses: 3, isAvailable: false),
            SourceSummary(
                source: Source(
                    name: "routers", kind: .routerAdvertisement, types: [.nonPersistent],
                    uplinks: ["wl*", "eth0"], place: .interface),
                addresses: 0, isAvailable: true),
        ]
    }
}

extension EventRow {
    /// One with every member that can be there.
    static let sample = EventRow(
        AddressEvent(
            .replaced, of: "2001:db8::1", type: .gracefulReplacement, replacement: "2001:db8:1::1",
            end: Instant(microseconds: 61_500_000)),
        at: Instant(microseconds: 1_500_000), time: 1_700_000_000_000)
}
