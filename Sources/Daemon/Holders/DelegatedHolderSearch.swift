import EventLoop
import Posix

/// Has a service look that may look into other users' processes, which the daemon may not (odmd-holders.socket). Nobody
/// waits for it: what it does not answer stays in doubt.
final class DelegatedHolderSearch: HolderSearch {
    /// A look at tens of thousands of descriptors takes some tenths of a second.
    private static let patienceMicroseconds: UInt64 = 10_000_000

    private let path: String
    private let loop: EventLoop
    private let log: Log
    private var connection: HolderConnection?
    /// The connection was made for this look: if it fails, so would another.
    private var isFresh = false
    private var patience: Timer?
    /// What is being looked for; nil while nothing is.
    private var look: Look?
    /// That it does not answer has been said.
    private var isMissed = false

    private struct Look {
        var sought: ArraySlice<SocketHolders.Sought>
        let isLast: Bool
        var sight = HolderSight(whereabouts: [], mayBeOnItsWay: false)
        var body: (HolderSight?) -> Void

        /// What the next packet asks for.
        var next: ArraySlice<SocketHolders.Sought> { sought.prefix(HolderQuestion.limit) }
    }

    init(path: String, on loop: EventLoop, log: Log) throws(EventLoopError) {
        self.path = path
        self.loop = loop
        self.log = log
        patience = try loop.timer { [unowned self] in fail("it does not answer") }
    }

    /// One at a time: whoever comes meanwhile learns nothing, and asks again.
    func look(
        for sought: [SocketHolders.Sought], isLast: Bool, then body: @escaping (HolderSight?) -> Void
    ) {
        guard look == nil, !sought.isEmpty else { return body(nil) }
        look = Look(sought: sought[...], isLast: isLast, body: body)
        isFresh = false
        patience?.arm(at: loop.now + Self.patienceMicroseconds)
        ask()
    }

    private func ask() {
        guard let look else { return }
        do {
            if connection == nil { try connect() }
            let octets = HolderQuestion(Array(look.next), isLast: look.isLast).octets
            guard let connection, try connection.descriptor.write(octets, from: 0) == octets.count else {
                return tryAgain(or: "it does not listen")
            }
        } catch {
            tryAgain(or: "\(error)")
        }
    }

    /// The service ends when it has not been asked for some time, perhaps just now.
    private func tryAgain(or reason: String) {
        guard !isFresh, look != nil else { return fail(reason) }
        connection = nil
        ask()
    }

    private func connect() throws {
        isFresh = true
        connection = try HolderConnection(try .connectedForPackets(to: path), on: loop) { [unowned self] in
            receive()
        }
    }

    private func receive() {
        var octets: [UInt8] = []
        do {
            let outcome = try connection?.descriptor.read(into: &octets, limit: HolderAnswer.longest)
            if outcome == .nothingYet { return }
        } catch {
            return tryAgain(or: "\(error)")
        }
        guard let look else {
            connection = nil
            return
        }
        guard let answer = HolderAnswer(octets, count: look.next.count) else {
            return tryAgain(or: "it has ended, or what it answers makes no sense")
        }
        take(answer.sight)
    }

    private func take(_ sight: HolderSight) {
        look?.sight.whereabouts += sight.whereabouts
        if sight.mayBeOnItsWay { look?.sight.mayBeOnItsWay = true }
        look?.sought.removeFirst(sight.whereabouts.count)
        guard look?.sought.isEmpty == true else { return ask() }
        isMissed = false
        finish(look?.sight)
    }

    private func fail(_ reason: String) {
        connection = nil
        if !isMissed { log.warning("sockets in doubt stay: \(path) does not say who has them: \(reason)") }
        isMissed = true
        finish(nil)
    }

    private func finish(_ sight: HolderSight?) {
        patience?.disarm()
        let body = look?.body
        look = nil
        body?(sight)
    }
}
