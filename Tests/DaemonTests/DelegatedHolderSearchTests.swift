import Posix
import Testing

@testable import Daemon
@testable import EventLoop

@Suite("Who looks into processes in the daemon's place") struct DelegatedHolderSearchTests {
    private let directory: TemporaryDirectory
    private let logged: LoggedLines
    private let loop: EventLoop
    private let search: DelegatedHolderSearch
    private let server: FakeHolderServer

    init() throws {
        directory = try TemporaryDirectory()
        logged = try LoggedLines()
        loop = try EventLoop()
        let path = "\(directory.path)/holders"
        server = try FakeHolderServer(path: path, on: loop)
        search = try DelegatedHolderSearch(path: path, on: loop, log: logged.log)
    }

    private func sight(of sought: [SocketHolders.Sought]) throws -> [HolderSight?] {
        var told: [HolderSight?] = []
        search.look(for: sought, isLast: true) { told.append($0) }
        for _ in 0..<100 where told.isEmpty { try loop.runOnce(waiting: 100_000) }
        return told
    }

    private func some(_ count: Int) -> [SocketHolders.Sought] {
        (0..<count).map { SocketHolders.Sought(process: 1, inode: UInt32($0)) }
    }

    @Test(arguments: [1, 4096, 4097, 10_000]) func manyAreAskedForInSeveralPackets(count: Int) throws {
        server.answer = { question in
            HolderAnswer(
                HolderSight(
                    whereabouts: question.sought.map { $0.inode % 2 == 0 ? .held : .nowhere },
                    mayBeOnItsWay: question.sought.contains { $0.inode == 4096 })
            ).octets
        }
        let whereabouts = (0..<count).map { $0 % 2 == 0 ? SocketHolders.Whereabouts.held : .nowhere }
        #expect(
            try sight(of: some(count)) == [
                HolderSight(whereabouts: whereabouts, mayBeOnItsWay: count > 4096)
            ])
        #expect(server.connections == 1)
    }

    @Test func whoComesMeanwhileLearnsNothing() throws {
        var told: [HolderSight?] = []
        search.look(for: some(1), isLast: true) { told.append($0) }
        search.look(for: some(1), isLast: true) { told.append($0) }
        #expect(told == [nil])
    }

    @Test(arguments: [[], [0], [0, 0, 0], [9, 0]] as [[UInt8]])
    func whatMakesNoSenseIsNotBelievedAndSaidOnce(octets: [UInt8]) throws {
        server.answer = { _ in octets }
        for _ in 0..<3 { #expect(try sight(of: some(1)) == [nil]) }
        #expect(logged.lines.count == 1 && logged.lines[0].contains("sockets in doubt stay"))
        #expect(server.connections == 3, "it is asked anew each time")
        server.answer = nil
        #expect(try sight(of: some(1)) == [HolderSight(whereabouts: [.nowhere], mayBeOnItsWay: false)])
    }

    @Test func withoutAnybodyThereNothingIsLearnt() throws {
        let nobody = try DelegatedHolderSearch(path: "\(directory.path)/none", on: loop, log: logged.log)
        var told: [HolderSight?] = []
        nobody.look(for: some(1), isLast: true) { told.append($0) }
        #expect(told == [nil])
    }

    @Test(arguments: [0, 3]) func oneThatEndsMeanwhileIsAskedAgain(eventsBefore: Int) throws {
        #expect(try sight(of: some(1)).first != .some(nil))
        server.endConnections()
        for _ in 0..<eventsBefore { try loop.runOnce(waiting: 1000) }
        #expect(try sight(of: some(1)).first != .some(nil))
        #expect(server.connections == 2 && logged.lines.isEmpty)
    }
}

/// Answers that all are nowhere, or what a test wants.
private final class FakeHolderServer {
    var answer: ((HolderQuestion) -> [UInt8])?
    private(set) var connections = 0
    private let loop: EventLoop
    private let listener: LocalListener
    private var source: IOSource?
    private var clients: [HolderConnection] = []

    init(path: String, on loop: EventLoop) throws {
        self.loop = loop
        listener = try LocalListener.open(path, .packets, mode: 0o600)
        source = try loop.watch(listener.number, for: .input) { [unowned self] _ in accept() }
    }

    func endConnections() { clients = [] }

    private func accept() {
        guard let descriptor = (try? listener.accept()) ?? nil else { return }
        connections += 1
        weak var accepted: HolderConnection?
        let client = try? HolderConnection(descriptor, on: loop) { [unowned self] in
            if let accepted { answer(accepted) }
        }
        accepted = client
        if let client { clients.append(client) }
    }

    private func answer(_ client: HolderConnection) {
        var octets: [UInt8] = []
        _ = try? client.descriptor.read(into: &octets, limit: HolderQuestion.longest + 1)
        guard let question = HolderQuestion(octets) else {
            clients.removeAll { $0 === client }
            return
        }
        let nowhere = [UInt8](repeating: 0, count: question.sought.count + 1)
        let answer = answer?(question) ?? nowhere
        if answer.isEmpty { return endConnections() }
        _ = try? client.descriptor.write(answer, from: 0)
    }
}
