import EventLoop
import Posix

/// The administration socket: takes clients in, within bounds, and ends those that take too long.
final class AdministrationServer {
    private let loop: EventLoop
    private let log: Log
    private let limits: AdministrationLimits
    private let listener: LocalListener
    private let service: ManagerService
    private var clients: [ObjectIdentifier: AdministrationClient] = [:]
    private var source: IOSource?
    private var rest: Timer?
    /// No client could be taken in the last time.
    private var isResting = false

    /// The delegate must live as long as the server.
    ///
    /// - Throws: `EventLoopError`.
    init(
        listener: consuming LocalListener, on loop: EventLoop, log: Log, delegate: any AdministrationDelegate,
        limits: AdministrationLimits = AdministrationLimits()
    ) throws {
        self.loop = loop
        self.log = log
        self.limits = limits
        self.listener = listener
        service = ManagerService(delegate: delegate)
        source = try loop.watch(self.listener.number, for: .input) { [unowned self] _ in
            accept()
        }
        delegate.onAddressEvent { [unowned self] in tell($0) }
        rest = try loop.timer { [unowned self] in source?.setEnabled(true) }
    }

    /// Ends every connection and takes no more.
    func close() {
        source = nil
        rest = nil
        for client in Array(clients.values) { client.close() }
    }

    private func tell(_ event: EventRow) {
        let monitors = clients.values.filter(\.isMonitoring)
        guard !monitors.isEmpty else { return }
        let message = VarlinkReply.message(of: event)
        for client in monitors { client.tell(message) }
    }

    private func accept() {
        do {
            for _ in 0..<limits.acceptsAtATime {
                guard let descriptor = try listener.accept() else { return }
                try admit(descriptor)
                isResting = false
            }
        } catch {
            if !isResting { log.warning("administration: \(error); no new clients for a moment") }
            isResting = true
            source?.setEnabled(false)
            rest?.arm(at: loop.now + limits.microsecondsOfRest)
        }
    }

    private func admit(_ descriptor: consuming Descriptor) throws {
        let peer = try descriptor.peerCredentials()
        guard hasRoom(for: peer.user) else {
            log.debug("administration: user \(peer.user) has, or all users have, too many connections")
            return
        }
        let client = try AdministrationClient(descriptor, peer, on: loop, service, limits)
        client.ended = { [unowned self] in clients[ObjectIdentifier($0)] = nil }
        clients[ObjectIdentifier(client)] = client
    }

    private func hasRoom(for user: UInt32) -> Bool {
        if user == 0 { return clients.count < limits.clients }
        let ofUser = clients.values.count { $0.peer.user == user }
        return clients.count < limits.clients - limits.clientsForRoot && ofUser < limits.clientsOfUser
    }
}
