import Mobility
import Posix
import Wire

/// The clients that are told what becomes of the addresses of a socket.
///
/// They are sessions like those that wait, and bounded with them. Nobody is waited for: a client for whose event its
/// socket has no room, which is after some hundred that it did not read, is let go, and so is told that it missed one.
final class Watchers {
    private unowned let daemon: any WatchedDaemon
    private let sessions: SessionTable
    private var watching: [SocketCookie: [Session]] = [:]

    init(of daemon: any WatchedDaemon, in sessions: SessionTable) {
        self.daemon = daemon
        self.sessions = sessions
        daemon.onAddressEvent { [unowned self] in tell($0) }
    }

    /// Has a client, which has been answered, told of events from now on, and of what has happened before.
    func add(_ session: Session, _ cookie: SocketCookie) {
        if watching.isEmpty { daemon.onSocketEnd { [unowned self] in end($0) } }
        watching[cookie, default: []].append(session)
        if let event = daemon.addressEvent(forSocket: cookie) {
            send(EventFrame(event, at: daemon.now), to: session, cookie)
        }
    }

    /// Forgets a client that the table of sessions has let go of.
    func remove(_ session: Session, _ cookie: SocketCookie) {
        watching[cookie]?.removeAll { $0 === session }
        if watching[cookie]?.isEmpty == true { watching[cookie] = nil }
        if watching.isEmpty { daemon.onSocketEnd(nil) }
    }

    /// Forgets all.
    func close() {
        watching = [:]
        daemon.onSocketEnd(nil)
    }

    // MARK: What happens

    private func tell(_ event: AddressEvent) {
        if watching.isEmpty { return }
        let frame = EventFrame(event, at: daemon.now)
        for (cookie, clients) in watching where daemon.keeps(cookie, address: event.address) {
            for session in clients { send(frame, to: session, cookie) }
        }
    }

    private func send(_ frame: EventFrame, to session: Session, _ cookie: SocketCookie) {
        if !session.connection.sendPacket(frame.octets.span) { letGo(session, cookie) }
    }

    /// Nothing more will become of the addresses of a socket that is destroyed.
    private func end(_ cookie: SocketCookie?) {
        if let cookie { endIfGone(cookie) } else { Array(watching.keys).forEach(endIfGone) }
    }

    private func endIfGone(_ cookie: SocketCookie) {
        guard let clients = watching[cookie], !daemon.isGranted(cookie) else { return }
        for session in clients { letGo(session, cookie) }
    }

    private func letGo(_ session: Session, _ cookie: SocketCookie) {
        sessions.remove(session)
        remove(session, cookie)
    }
}

/// What is to be known of the daemon to serve those who watch.
protocol WatchedDaemon: AnyObject {
    var now: Instant { get }
    func onAddressEvent(_ body: @escaping (AddressEvent) -> Void)
    func onSocketEnd(_ body: ((SocketCookie?) -> Void)?)
    /// What has become of the address that a socket was given last.
    func addressEvent(forSocket cookie: SocketCookie) -> AddressEvent?
    func keeps(_ cookie: SocketCookie, address: IPv6Address) -> Bool
    /// Whether a socket was given an address and is still there.
    func isGranted(_ cookie: SocketCookie) -> Bool
}

extension Daemon: WatchedDaemon {
    func addressEvent(forSocket cookie: SocketCookie) -> AddressEvent? {
        rules.addressEvent(forSocket: cookie)
    }

    func keeps(_ cookie: SocketCookie, address: IPv6Address) -> Bool { rules.keeps(cookie, address: address) }

    func isGranted(_ cookie: SocketCookie) -> Bool { rules.latestGrant(of: cookie) != nil }
}

/// An event as octets, the same for all who watch.
private struct EventFrame {
    var octets = InlineArray<48, UInt8>(repeating: 0)

    init(_ event: AddressEvent, at now: Instant) {
        let replacement = event.replacement ?? .unspecified
        let frame = Wire.Event(
            event.change.wire, type: event.type.rawValue, milliseconds: event.milliseconds(from: now),
            addressHigh: event.address.high, addressLow: event.address.low,
            replacementHigh: replacement.high, replacementLow: replacement.low)
        var span = octets.mutableSpan
        frame.encode(into: &span)
    }
}

extension AddressEvent {
    /// Until the end, no more than can be told; `noEnd` if there is none.
    fileprivate func milliseconds(from now: Instant) -> UInt32 {
        end.map { UInt32(min($0.since(now).wholeMilliseconds, Int64(Wire.Event.noEnd - 1))) }
            ?? Wire.Event.noEnd
    }
}

extension AddressEvent.Change {
    fileprivate var wire: Wire.Event.What {
        switch self {
        case .deprecated: .deprecated
        case .replaced: .replaced
        case .removed: .removed
        case .restored: .restored
        }
    }
}
