import CLibc
import EventLoop
import Posix

/// Looks into processes for an odmd that may not, and does nothing else: a service of its own, so that the one that the
/// network and all users can reach needs no privilege over other processes, and the one that has it can be reached by
/// nobody else. The service manager passes the socket and starts it when it is asked.
final class HolderServer {
    /// Without a question for so long it ends.
    private static let idleMicroseconds: UInt64 = 30_000_000
    /// odmd, and one that takes its place.
    private static let clientLimit = 4

    private let loop: EventLoop
    private let listener: LocalListener
    private var clients: [Int32: HolderConnection] = [:]
    private var listening: IOSource?
    private var idle: Timer?

    /// - Throws: EINVAL if no socket was passed, or not one socket of packets.
    init() throws {
        let passed = try PassedSockets.take()
        guard passed.count == 1, LocalListener.kind(of: passed[0]) == .packets else {
            let what = "take over the one socket of packets that --find-holders wants of the service manager"
            throw SystemError(what, errno: EINVAL)
        }
        loop = try EventLoop()
        listener = try .adopting(passed[0], path: "the socket that was passed")
        idle = try loop.timer { [unowned self] in loop.exit(EX_OK) }
        listening = try loop.watch(listener.number, for: .input) { [unowned self] _ in accept() }
    }

    /// - Returns: the exit status.
    func run() throws -> Int32 {
        restartIdleTime()
        Process.forgetText()
        return try loop.run()
    }

    private func restartIdleTime() { idle?.arm(at: loop.now + Self.idleMicroseconds) }

    private func accept() {
        guard let descriptor = (try? listener.accept()) ?? nil else { return }
        restartIdleTime()
        guard clients.count < Self.clientLimit else { return }
        let number = descriptor.number
        clients[number] = try? HolderConnection(descriptor, on: loop) { [unowned self] in answer(number) }
    }

    /// Answers a question; whoever sends anything else, or does not take the answer, is turned away.
    private func answer(_ number: Int32) {
        guard let client = clients[number] else { return }
        var octets: [UInt8] = []
        guard let outcome = try? client.descriptor.read(into: &octets, limit: HolderQuestion.longest + 1),
            outcome != .nothingYet
        else { return }
        guard let question = HolderQuestion(octets) else {
            clients[number] = nil
            return
        }
        let answer = HolderAnswer(HolderSight(lookingFor: question.sought, isLast: question.isLast)).octets
        if (try? client.descriptor.write(answer, from: 0)) != answer.count { clients[number] = nil }
        restartIdleTime()
    }
}
