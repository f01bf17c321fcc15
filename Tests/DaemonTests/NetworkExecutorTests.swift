import CLibc
import Mobility
import NetworkSide
import Posix
import Testing

@testable import Daemon
@testable import EventLoop

/// A daemon that serves nobody, with a network executor, in a state directory of its own.
final class NetworkExecutorFixture {
    let directory: TemporaryDirectory
    let loop: EventLoop
    let daemon: Daemon
    let executor: NetworkExecutor
    private let logFile: Descriptor

    /// - Parameters:
    ///   - rules: what the rules believe to be configured.
    ///   - network: what is.
    init(rules: DaemonConfiguration, network: DaemonConfiguration, in directory: TemporaryDirectory) throws {
        self.directory = directory
        let output = unsafe odm_open(
            "\(directory.path)/log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        logFile = Descriptor(adopting: output)
        let log = Log(program: "odmd", level: .info, output: output, isJournal: false)
        loop = try EventLoop()
        executor = try NetworkExecutor(
            loop: loop, log: log, client: ClientIdentifier(uuid: 1),
            leases: LeaseDirectory(stateDirectory: directory.path, log: log))
        let key = Secret(high: 1, low: 2)
        daemon = try Daemon(
            loop: loop, log: log,
            rules: Rules(configuration: rules.mobility, secret: key, randomKey: key),
            records: SocketRecords(path: "\(directory.path)/sockets", namespace: 1), network: executor,
            configuration: network)
    }

    var log: [Substring] {
        let text = (try? File.read("\(directory.path)/log", limit: 1 << 20)) ?? []
        return String(decoding: text, as: UTF8.self).split(separator: "\n")
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
        try fixture.loop.runOnce(waiting: 1_000_000)
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
}
