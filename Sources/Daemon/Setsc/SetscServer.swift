import CLibc
import EventLoop
import Mobility
import Posix
import Wire

/// Serves the setsc socket: one connection, one request. What a watch brings is left to `Watchers`.
///
/// A request that can be answered at once, as nearly all can, is accepted, read, answered and closed in one
/// wake-up. Only a client that has not sent yet, or whose address is still being made, becomes a `Session`.
final class SetscServer {
    /// Accepting is tried again after this when the process has no descriptor left.
    private static let pauseMicroseconds: UInt64 = 100_000
    private static let servedInOneWakeUp = 16
    /// More than come while one is served; there must be an end.
    private static let admittedInOneGo = 256

    private let daemon: Daemon
    private let listener: LocalListener
    private let requests: RequestReader
    private let reception: Reception
    private let sessions: SessionTable
    private let watchers: Watchers
    private var listenerSource: IOSource?
    /// Wakes us while somebody is in the reception.
    private let receptionWaker: Descriptor
    private var receptionSource: IOSource?
    private let controlGroups = ControlGroups()
    private var turns = TurnTaking()
    private var resume: Timer?
    /// Given up when the process has no descriptor left, so that a client can still be told.
    private var spare: Descriptor?
    private var isOutOfDescriptors = false

    /// - Parameter descriptors: so many may be open.
    init(daemon: Daemon, listener: consuming LocalListener, descriptors: UInt64) throws {
        self.daemon = daemon
        self.listener = listener
        requests = try RequestReader()
        reception = Reception(most: Reception.most(descriptors: descriptors))
        receptionWaker = try Descriptor.alwaysReady()
        spare = try File.placeholder()
        sessions = try SessionTable(loop: daemon.loop)
        watchers = Watchers(of: daemon, in: sessions)
        sessions.onExpiry { [unowned self] in expire($0) }
        daemon.onAnswer { [unowned self] in deliver($1, to: $0) }
        listenerSource = try daemon.loop.watch(self.listener.number, for: .input) { [unowned self] _ in
            accept()
        }
        receptionSource = try daemon.loop.watch(receptionWaker.number, for: .input) { [unowned self] _ in
            serveInTurn()
        }
        receptionSource?.setEnabled(false)
        resume = try daemon.loop.timer { [unowned self] in listenerSource?.setEnabled(true) }
    }

    /// Takes no more clients, and leaves those that wait without an answer: they see the connection end.
    func close() {
        listenerSource = nil
        receptionSource = nil
        resume = nil
        watchers.close()
        sessions.close()
    }

    // MARK: Accepting

    /// A client that comes alone is served at once: to accept another would be in vain. Of several, those of one user
    /// must not keep those of another waiting.
    private func accept() {
        guard reception.isEmpty else { return serveInTurn() }
        do {
            guard let connection = try listener.accept() else { return }
            guard turns.isNeeded(at: daemon.now), listener.hasWaiting else { return serve(connection) }
            admit(connection)
        } catch {
            outOfDescriptors("\(error)")
            return turnAway(error.errno)
        }
        serveInTurn()
    }

    /// Before each that is served whoever has come meanwhile is let in. After a few, socket deaths and administrators get
    /// their turn.
    private func serveInTurn() {
        for _ in 0..<Self.servedInOneWakeUp {
            admitAll()
            guard let connection = reception.next() else { break }
            serve(connection)
        }
        receptionSource?.setEnabled(!reception.isEmpty)
    }

    /// Without a descriptor for more, those who are in are served first.
    private func admitAll() {
        for _ in 0..<Self.admittedInOneGo where !reception.isFull {
            guard let connection = try? listener.accept() else { return }
            admit(connection)
        }
    }

    private func admit(_ connection: consuming Descriptor) {
        guard let user = try? connection.peerCredentials().user else { return }
        guard let refused = reception.add(connection, of: user) else { return }
        daemon.statistics.countMisrequest()
        send(Misrequest(tooMany: EDQUOT).reply, to: refused)
    }

    /// Said once, until a client is served again.
    private func outOfDescriptors(_ problem: @autoclosure () -> String) {
        if !isOutOfDescriptors { daemon.log.error("\(problem()); clients are turned away") }
        isOutOfDescriptors = true
    }

    private func inDescriptorsAgain() {
        isOutOfDescriptors = false
        daemon.log.info("clients are served again")
    }

    /// Tells a client, by the spare descriptor, that there is none for it. Without a spare one clients wait.
    private func turnAway(_ errno: Int32) {
        spare = nil
        if let connection = try? listener.accept() {
            daemon.statistics.countMisrequest()
            send(Misrequest(tooMany: errno).reply, to: connection)
        }
        spare = try? File.placeholder()
        guard spare == nil else { return }
        listenerSource?.setEnabled(false)
        resume?.arm(at: daemon.loop.now + Self.pauseMicroseconds)
    }

    // MARK: Serving

    private func serve(_ connection: consuming Descriptor) {
        // An error means that the client is gone, and so is the connection when this returns.
        guard let received = try? connection.receivePacket() else { return }
        switch consume received {
        case .closed: return
        case .nothingYet: keep(connection, as: .sending)
        case .packet(let packet):
            switch outcome(of: packet, from: connection) {
            case .answered(let reply): send(reply, to: connection)
            case .waiting(let request): keep(connection, as: .waiting(request))
            case .watching(let cookie): keep(connection, as: .watching(cookie))
            }
        }
    }

    private enum Outcome {
        case answered(Reply)
        case waiting(RequestID)
        /// Answered when the client has got a place among those that stay.
        case watching(SocketCookie)
    }

    private func outcome(of packet: consuming Packet, from connection: borrowing Descriptor) -> Outcome {
        do {
            let reading = try requests.read(
                packet, from: connection, kernelKeepsOnNet: daemon.hooks.areUsed)
            if isOutOfDescriptors { inDescriptorsAgain() }
            switch reading {
            case .getsc(let cookie): return .answered(reply(.getsc, about: cookie))
            case .watch(let cookie):
                let isGranted = daemon.rules.latestGrant(of: cookie) != nil
                return isGranted ? .watching(cookie) : .answered(reply(.watch, about: cookie))
            case .setsc(let type, let flags, let requester):
                turns.note(requester.user, at: daemon.now)
                if flags.contains(.onBehalf) { try daemon.requireNoGrant(of: requester.cookie) }
                var request = AddressRequest(
                    id: daemon.newRequestID(), type: type, onNet: flags.contains(.onNet), requester: requester
                )
                let claims = daemon.claims[type]
                if !claims.isEmpty { request.standing = try standing(of: connection, claims) }
                return try setsc(request, packet)
            }
        } catch {
            if error.errno == EMFILE {
                outOfDescriptors("\(SystemError("receive a client's socket", errno: EMFILE))")
            }
            daemon.statistics.countMisrequest()
            return .answered(error.reply)
        }
    }

    private func setsc(
        _ request: AddressRequest, _ packet: borrowing Packet
    ) throws(Misrequest) -> Outcome {
        guard let answer = daemon.ask(request) else { return .waiting(request.id) }
        if case .granted(let grant) = answer, grant.needsFreeBind { try packet.allowFreeBindForSetsc() }
        return .answered(Reply(answer))
    }

    /// What the policy asks of a client; if the kernel does not tell, nobody gets something by that.
    private func standing(
        of connection: borrowing Descriptor, _ claims: Policy.Claims
    ) throws(Misrequest) -> Standing {
        do throws(SystemError) {
            return try connection.standingOfPeer(claims, in: controlGroups)
        } catch {
            throw Misrequest(.setsc, .failed, error.errno)
        }
    }

    private func reply(_ operation: Request.Operation, about cookie: SocketCookie) -> Reply {
        guard let grant = daemon.rules.latestGrant(of: cookie) else {
            return Reply(operation: operation.rawValue, status: .callerError, errno: ENOENT)
        }
        return Reply(grant, operation: operation)
    }

    private func send(_ reply: Reply, to connection: borrowing Descriptor) {
        var octets = InlineArray<32, UInt8>(repeating: 0)
        var span = octets.mutableSpan
        reply.encode(into: &span)
        // The answer of a client that is gone, or whose socket takes nothing, is nobody's.
        _ = connection.sendPacket(octets.span)
    }

    /// An answer to a request that had to wait.
    private func deliver(_ answer: Answer, to request: RequestID) {
        guard let session = sessions.remove(waitingFor: request) else { return }
        send(Reply(answer), to: session.connection)
    }

    // MARK: Clients that take longer

    private func keep(_ connection: consuming Descriptor, as state: Session.State) {
        guard let credentials = try? connection.peerCredentials() else { return }
        let session = Session(connection, user: credentials.user, state: state)
        do {
            try sessions.add(session) { [unowned self] in
                ready(session: $0)
            }
        } catch {
            if case .waiting(let request) = state { daemon.cancel(request) }
            daemon.statistics.countMisrequest()
            send(error.reply, to: session.connection)
            return
        }
        if case .watching(let cookie) = state { beginWatch(session, cookie) }
    }

    private func becomeWatcher(_ session: Session, _ cookie: SocketCookie) {
        do {
            try sessions.watch(session, cookie)
        } catch {
            daemon.statistics.countMisrequest()
            send(error.reply, to: session.connection)
            return sessions.remove(session)
        }
        beginWatch(session, cookie)
    }

    private func beginWatch(_ session: Session, _ cookie: SocketCookie) {
        send(reply(.watch, about: cookie), to: session.connection)
        watchers.add(session, cookie)
    }

    private func ready(session: Session) {
        guard let received = try? session.connection.receivePacket() else {
            drop(session)
            return
        }
        switch consume received {
        case .nothingYet: return
        case .closed: drop(session)
        case .packet(let packet):
            guard session.state == .sending else {
                drop(session)
                return
            }
            switch outcome(of: packet, from: session.connection) {
            case .answered(let reply):
                send(reply, to: session.connection)
                sessions.remove(session)
            case .waiting(let request): sessions.wait(session, for: request)
            case .watching(let cookie): becomeWatcher(session, cookie)
            }
        }
    }

    /// The client is gone, or sent more than one request.
    private func drop(_ session: Session) {
        sessions.remove(session)
        switch session.state {
        case .sending: break
        case .waiting(let request): daemon.cancel(request)
        case .watching(let cookie): watchers.remove(session, cookie)
        }
    }

    private func expire(_ session: Session) {
        daemon.statistics.countMisrequest()
        send(Reply(operation: 0, status: .callerError, errno: ETIMEDOUT), to: session.connection)
        sessions.remove(session)
    }
}
