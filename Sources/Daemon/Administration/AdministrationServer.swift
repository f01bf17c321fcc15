import EventLoop
import Posix

/// The administration socket: takes clients in, within bounds, and ends those that take too long.
final class AdministrationServer {
    /// Everybody may connect: everybody may read.
    static let mode: UInt32 = 0o666
    /// Connections at a time; an administrator has one or two, a monitoring system a few.
    static let mostClients = 32
    /// Connections of one user who is not root.
    static let mostClientsOfUser = 8
    /// Connections that only root may have, so that users cannot lock the administrator out.
    static let clientsForRoot = 8
    /// Rest after the system had no descriptor or memory for a client: trying at once again would only spin.
    static let microsecondsOfRest: UInt64 = 1_000_000

    private let loop: EventLoop
    private let log: Log
    private let listener: LocalListener
    private let service: ManagerService
    private var clients: [ObjectIdentifier: AdministrationClient] = [:]
    private var source: IOSource?
    private var rest: Timer?

    /// Listens at `path`; the delegate must live as long as the server.
    ///
    /// - Throws: `SystemError` from the socket, `EventLoopError` from the loop.
    init(path: String, on loop: EventLoop, log: Log, delegate: any AdministrationDelegate) throws {
        self.loop = loop
        self.log = log
        listener = try LocalListener.open(path, .stream, mode: Self.mode)
        service = ManagerService(delegate: delegate)
        source = try loop.watch(listener.number, for: .input, priority: .late) { [unowned self] _ in accept() }
        rest = try loop.timer { [unowned self] in source?.setEnabled(true) }
    }

    /// Ends every connection and takes no more.
    func close() {
        source = nil
        rest = nil
        for client in Array(clients.values) { client.close() }
    }

    private func accept() {
        do {
            guard let descriptor = try listener.accept() else { return }
            let peer = try descriptor.peerCredentials()
            guard hasRoom(for: peer.user) else {
                log.debug("administration: user \(peer.user) has, or all users have, too many connections")
                return
            }
            let client = try AdministrationClient(descriptor, peer, on: loop, service) { [unowned self] client in
                clients[ObjectIdentifier(client)] = nil
            }
            clients[ObjectIdentifier(client)] = client
        } catch {
            log.warning("administration: \(error)")
            source?.setEnabled(false)
            rest?.arm(at: loop.now + Self.microsecondsOfRest)
        }
    }

    private func hasRoom(for user: UInt32) -> Bool {
        if user == 0 { return clients.count < Self.mostClients }
        let ofUser = clients.values.count { $0.peer.user == user }
        return clients.count < Self.mostClients - Self.clientsForRoot && ofUser < Self.mostClientsOfUser
    }
}
