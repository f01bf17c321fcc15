import NetworkSide
import Posix
import Testing

@testable import Daemon
@testable import EventLoop
@testable import Mobility

/// A daemon that serves nobody, with a network executor, in a state directory of its own.
final class NetworkExecutorFixture {
    let directory: TemporaryDirectory
    let loop: EventLoop
    let daemon: Daemon
    let executor: NetworkExecutor
    private let logged: LoggedLines

    /// - Parameters:
    ///   - rules: what the rules believe to be configured.
    ///   - network: what is.
    init(rules: DaemonConfiguration, network: DaemonConfiguration, in directory: TemporaryDirectory) throws {
        self.directory = directory
        logged = try LoggedLines()
        let log = logged.log
        loop = try EventLoop()
        executor = try NetworkExecutor(
            loop: loop, log: log, client: ClientIdentifier(uuid: 1),
            leases: LeaseDirectory(stateDirectory: directory.path, log: log))
        let key = Secret(high: 1, low: 2)
        daemon = try Daemon(
            loop: loop, log: log,
            rules: Rules(configuration: rules.mobility, secret: key, randomKey: key),
            records: SocketRecords(path: "\(directory.path)/sockets", namespace: 1),
            networks: NetworkRecords(runtimeDirectory: directory.path, namespace: 1, log: log),
            network: executor,
            hooks: HookWatch(loop: loop, log: log, directory: directory.path, namespace: 1),
            configuration: network)
    }

    var log: [String] { logged.lines }

    /// Lets the loop run until `condition` holds, or ten seconds are over.
    func run(until condition: () throws -> Bool) throws {
        let end = loop.now + 10_000_000
        while try loop.now < end && !condition() { try loop.runOnce(waiting: 10_000) }
    }

    /// A helper `modem` for Session-lasting.
    static func configured(command: [String] = ["/nonexistent"]) -> DaemonConfiguration {
        var configuration = DaemonConfiguration()
        configuration.mobility.sources = [Source(name: "modem", kind: .helper, types: [.sessionLasting])]
        configuration.commands = ["modem": command]
        return configuration
    }

    static let unconfigured = DaemonConfiguration()
}

@Suite("Asking the network") struct NetworkExecutorTests {
    private typealias Fixture = NetworkExecutorFixture
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// The rules are told of it when all that they decided with the question has been done.
    @Test func aSourceThatIsNotThereRefusesLater() throws {
        let fixture = try Fixture(rules: Fixture.configured(), network: Fixture.unconfigured, in: directory)
        fixture.daemon.tell(.recovered)
        var answers: [Answer] = []
        fixture.daemon.acquire(.sessionLasting, onNet: false) { answers.append($0) }
        #expect(answers.isEmpty)
        try fixture.run { !answers.isEmpty }
        #expect(answers == [.refused(.noSource)])
        #expect(fixture.log == ["odmd: warning: source modem gives no prefix: it is not there"])
    }

    @Test func whoDoesNotWaitAnyMoreIsToldNothing() throws {
        let fixture = try Fixture(rules: Fixture.unconfigured, network: Fixture.unconfigured, in: directory)
        let request = PrefixRequest(id: LeaseID(1), source: "modem", type: .fixed)
        fixture.executor.perform(.ask(request), for: fixture.daemon)
        fixture.executor.perform(.cancel(LeaseID(1)), for: fixture.daemon)
        try fixture.loop.runOnce(waiting: 10_000)
        #expect(fixture.log == [])
    }

    // MARK: Leases of an earlier run

    private static let prefix = LeasedPrefix(
        id: LeaseID(7), source: "modem", type: .sessionLasting, prefix: "2001:db8:a::/64")

    private func keep(_ lease: LeasedPrefix = prefix, validMilliseconds: Int64?) throws {
        let stored = StoredLease(
            lease,
            helper: StoredLease.Helper(
                identifier: "a-7", validUntil: validMilliseconds.map { WallClock.milliseconds + $0 }))
        try directory.write("leases/\(lease.id.number)", Json.encode(stored))
    }

    private var files: [String] {
        get throws { try File.names(in: "\(directory.path)/leases", endingIn: "") }
    }

    private func fixture(_ configuration: DaemonConfiguration) throws -> Fixture {
        let fixture = try Fixture(rules: configuration, network: configuration, in: directory)
        try fixture.executor.recover(for: fixture.daemon)
        return fixture
    }

    private static let missing =
        "odmd: warning: source modem is not there: 2001:db8:a::/64, which it gave, is kept until its time is over or "
        + "the source is back"
    private static let over = "odmd: source modem: the time of 2001:db8:a::/64 is over"

    @Test(arguments: [true, false]) func aLeaseWhoseTimeIsOverIsForgotten(isConfigured: Bool) throws {
        try keep(validMilliseconds: -1)
        let fixture = try fixture(isConfigured ? Fixture.configured() : Fixture.unconfigured)
        #expect(fixture.log == [Self.over])
        #expect(try files == [])
    }

    /// Nobody uses it, and nobody can be told so.
    @Test func aLeaseWithoutItsSourceIsKept() throws {
        try keep(validMilliseconds: nil)
        let fixture = try fixture(Fixture.unconfigured)
        fixture.daemon.tell(.recovered)
        #expect(fixture.log == [Self.missing])
        #expect(try files == ["7"])
    }

    @Test func itIsKeptUntilItsTimeIsOver() throws {
        try keep(validMilliseconds: 2_900)
        let fixture = try fixture(Fixture.unconfigured)
        #expect(fixture.log == [Self.missing])
        try fixture.run { try files.isEmpty }
        #expect(fixture.log == [Self.missing, Self.over])
        #expect(try files == [])
    }

    /// Its helper cannot be started: that is what tells that it is asked.
    @Test func theSourceThatIsBackIsToldThatNobodyNeedsIt() throws {
        try keep(validMilliseconds: nil)
        let fixture = try fixture(Fixture.unconfigured)
        fixture.daemon.tell(.recovered)
        fixture.daemon.reconfigure(Fixture.configured())
        let told = "odmd: warning: modem: giving 2001:db8:a::/64 back: the helper cannot be started"
        try fixture.run { fixture.log.contains { $0.hasPrefix(told) } }
        #expect(fixture.log.first == Self.missing && fixture.log.contains { $0.hasPrefix(told) })
        #expect(try files == ["7"], "it is told again")
    }

    /// A new question does not take the number, and so the file, of a lease that is kept.
    @Test func numbersGoOnAfterThoseThatAreKept() throws {
        try keep(validMilliseconds: nil)
        let fixture = try fixture(Fixture.unconfigured)
        #expect(fixture.daemon.rules.lastLease == LeaseID(7))
    }

    /// They know of each other, and so give no IAID twice.
    @Test func leasesOfAServerHaveOneClient() throws {
        for id in [7, 8] as [UInt64] {
            let lease = LeasedPrefix(
                id: LeaseID(id), source: "gone", type: .fixed,
                prefix: IPv6Prefix(IPv6Address(high: 0x2001_0db8 << 32 | id, low: 0), length: 64),
                interface: "nowhere0")
            let known = StoredLease.DHCPv6(
                content: "prefix", iaid: UInt32(id), server: "00030001", renewSeconds: 0, rebindSeconds: 0,
                preferredSeconds: 80, validSeconds: 100, receivedAt: WallClock.milliseconds)
            try directory.write("leases/\(id)", Json.encode(StoredLease(lease, dhcpv6: known)))
        }
        let fixture = try fixture(Fixture.unconfigured)
        #expect(fixture.executor.retired.count == 1)
        #expect(fixture.daemon.rules.lastLease == LeaseID(8))
        #expect(try files == ["7", "8"] && fixture.log == [])
    }
}
