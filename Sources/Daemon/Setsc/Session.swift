import CLibc
import EventLoop
import Mobility
import Posix
import Wire

/// A client that is not finished with in the wake-up in which it was accepted.
final class Session {
    enum State: Equatable {
        /// It has connected and not sent yet.
        case sending
        /// Its address is being made.
        case waiting(RequestID)
        /// It is told what becomes of the addresses of a socket.
        case watching(SocketCookie)
    }

    let connection: Descriptor
    let user: UInt32
    fileprivate(set) var state: State
    fileprivate var number: UInt64 = 0
    fileprivate var source: IOSource?

    init(_ connection: consuming Descriptor, user: UInt32, state: State) {
        self.connection = connection
        self.user = user
        self.state = state
    }

    var isWatching: Bool {
        switch state {
        case .watching: true
        case .sending, .waiting: false
        }
    }

    /// The loop lets go of the descriptor before it is closed.
    deinit { source = nil }
}

/// The clients that take longer, and how many there may be.
final class SessionTable {
    /// Descriptors are finite, and so is the patience of those who are turned away: one user cannot take
    /// more than a quarter.
    static let most = 1024
    static let mostOfOneUser = 256
    /// Watches stay, and must not take the places of those who only wait: a quarter is left to these.
    static let mostWatching = 768
    static let mostWatchingOfOneUser = 192
    /// A frame is sent right after connect(); who needs longer than this sends none.
    static let timeToSend: Duration = .seconds(2)

    private let loop: EventLoop
    private var lastNumber: UInt64 = 0
    private var sessions: [UInt64: Session] = [:]
    private var waiting: [RequestID: Session] = [:]
    private var countOfUser: [UInt32: Int] = [:]
    /// When whose time to send is over, soonest first. Most will have sent by then.
    private var sendingEnds: [(due: Instant, number: UInt64)] = []
    private var timer: Timer?
    private var expired: ((Session) -> Void)?

    init(loop: EventLoop) throws {
        self.loop = loop
        timer = try loop.timer { [unowned self] in expireOverdue() }
    }

    /// Clients that are there.
    var count: Int { sessions.count }

    /// What to do with a client that did not send in time.
    func onExpiry(_ body: @escaping (Session) -> Void) { expired = body }

    /// Takes a client in.
    ///
    /// - Throws: EBUSY when there are too many, EDQUOT when one user has too many.
    func add(_ session: Session, _ ready: @escaping (Session) -> Void) throws(Misrequest) {
        guard sessions.count < Self.most else { throw Misrequest(tooMany: EBUSY) }
        guard countOfUser[session.user, default: 0] < Self.mostOfOneUser else {
            throw Misrequest(tooMany: EDQUOT)
        }
        if case .watching = session.state { try admitWatch(of: session.user) }
        do {
            session.source = try loop.watch(session.connection.number, for: .input) { [unowned session] _ in
                ready(session)
            }
        } catch {
            throw Misrequest(tooMany: error.errno)
        }
        lastNumber += 1
        session.number = lastNumber
        sessions[lastNumber] = session
        countOfUser[session.user, default: 0] += 1
        switch session.state {
        case .sending: expectFrame(from: session)
        case .waiting(let request): waiting[request] = session
        case .watching: break
        }
    }

    /// The client has sent, and its answer will come later.
    func wait(_ session: Session, for request: RequestID) {
        session.state = .waiting(request)
        waiting[request] = session
    }

    /// The client has sent, and stays to be told of events.
    ///
    /// - Throws: EBUSY when too many do, EDQUOT when too many of one user do.
    func watch(_ session: Session, _ cookie: SocketCookie) throws(Misrequest) {
        try admitWatch(of: session.user)
        session.state = .watching(cookie)
    }

    private func admitWatch(of user: UInt32) throws(Misrequest) {
        let watching = sessions.values.filter(\.isWatching)
        guard watching.count < Self.mostWatching else { throw Misrequest(.watch, .failed, EBUSY) }
        guard watching.count(where: { $0.user == user }) < Self.mostWatchingOfOneUser else {
            throw Misrequest(.watch, .failed, EDQUOT)
        }
    }

    /// Lets go of the client that waits for a request's answer.
    func remove(waitingFor request: RequestID) -> Session? {
        guard let session = waiting[request] else { return nil }
        remove(session)
        return session
    }

    func remove(_ session: Session) {
        guard sessions.removeValue(forKey: session.number) != nil else { return }
        session.source = nil
        if case .waiting(let request) = session.state { waiting[request] = nil }
        if let count = countOfUser[session.user] { countOfUser[session.user] = count > 1 ? count - 1 : nil }
    }

    func close() {
        timer = nil
        for session in Array(sessions.values) { remove(session) }
    }

    private func expectFrame(from session: Session) {
        let due = Instant(microseconds: loop.now) + Self.timeToSend
        if sendingEnds.isEmpty { timer?.arm(at: due.microseconds) }
        sendingEnds.append((due, session.number))
    }

    private func expireOverdue() {
        let now = Instant(microseconds: loop.now)
        let overdue = sendingEnds.prefix { $0.due <= now }
        sendingEnds.removeFirst(overdue.count)
        for (_, number) in overdue {
            if let session = sessions[number], session.state == .sending { expired?(session) }
        }
        if let next = sendingEnds.first { timer?.arm(at: next.due.microseconds) }
    }
}
