import EventLoop
import Mobility
import Posix

/// One client of the administration socket.
///
/// Each wake-up does one thing: read, serve one call, or send one piece. So whatever a client sends, the
/// others and the daemon's real work get their turn in between.
final class AdministrationClient {
    let peer: PeerCredentials
    private let loop: EventLoop
    private let service: ManagerService
    private let limits: AdministrationLimits
    /// Called when the client is finished with, so that the server forgets it.
    var ended: (AdministrationClient) -> Void = { _ in }
    /// Nil once the client is finished with.
    private var descriptor: Descriptor?
    private var source: IOSource?
    private var connection = VarlinkConnection()
    private var activity = VarlinkConnection.Activity.idle
    /// Armed while the client has to finish something.
    private var timer: Timer?

    init(
        _ descriptor: consuming Descriptor, _ peer: PeerCredentials, on loop: EventLoop,
        _ service: ManagerService, _ limits: AdministrationLimits
    ) throws(EventLoopError) {
        let number = descriptor.number
        self.descriptor = consume descriptor
        self.peer = peer
        self.loop = loop
        self.service = service
        self.limits = limits
        source = try loop.watch(number, for: .input) { [unowned self] in wake($0) }
        timer = try loop.timer { [unowned self] in close() }
    }

    /// Ends the connection, and gives back what its client will not hear of.
    func close() {
        guard descriptor != nil else { return }
        source = nil
        timer = nil
        descriptor = nil
        let undo = connection.abandon()
        ended(self)
        undo?()
    }

    var isMonitoring: Bool { connection.isMonitoring }

    /// Sends what tells of an event; ends the connection if its client leaves too many unread.
    func tell(_ message: [UInt8]) {
        guard descriptor != nil else { return }
        do {
            try connection.tell(message)
            try send()
            settle()
        } catch {
            close()
        }
    }

    private func wake(_ events: IOEvents) {
        do {
            switch connection.activity {
            case .sending: try send()
            case .idle, .receiving:
                try read()
                try serveNextCall()
            case .called: try serveNextCall()
            case .serving:
                // Nothing is watched but the end of the client, who waits for an answer or for events.
                if !events.isDisjoint(with: [.hangUp, .error]) { return close() }
            case .ended: break
            }
            settle()
        } catch {
            // A client that is gone, or does not speak the protocol; neither is worth a word in the log.
            close()
        }
    }

    private func read() throws {
        var octets: [UInt8] = []
        switch try descriptor?.read(into: &octets, limit: VarlinkConnection.readSize) {
        case .octets: connection.receive(octets)
        case .end: connection.endInput()
        case .nothingYet, nil: break
        }
    }

    private func serveNextCall() throws {
        guard let call = try connection.nextCall() else { return }
        service.serve(call, from: peer, standing: standing) { [self] reply in
            if call.isOneway { return }
            answer(reply)
        }
    }

    /// What the policy asks of whoever calls; nil if it cannot be told.
    private func standing() -> Standing? {
        try? descriptor?.standingOfPeer([.groups, .unit], in: ControlGroups())
    }

    /// Sends the reply to the call that was taken, or learns that there is nobody any more to send it to.
    private func answer(_ reply: VarlinkReply) {
        guard descriptor != nil else {
            reply.ifUndelivered?()
            return
        }
        connection.reply(reply)
        do {
            try send()
            settle()
        } catch {
            close()
        }
    }

    private func send() throws {
        let (octets, offset) = connection.unsent
        if let count = try descriptor?.write(octets, from: offset) { connection.didSend(count) }
    }

    /// Watches for what comes next, and starts the client's time when something new has begun.
    private func settle() {
        guard descriptor != nil else { return }
        let now = connection.activity
        switch now {
        case .ended: return close()
        case .idle, .receiving: source?.setEvents(.input)
        // The rest of the kernel's buffer, or room for a reply, brings us back to what is in our own
        // buffer.
        case .called: source?.setEvents([.input, .output])
        case .serving: source?.setEvents([])
        case .sending: source?.setEvents(.output)
        }
        guard now != activity else { return }
        activity = now
        switch now {
        case .idle, .serving, .ended: timer?.disarm()
        case .receiving: timer?.arm(at: loop.now + limits.microsecondsForMessage)
        // A call waits long only if its client leaves so many replies unread that there is no room for
        // another.
        case .called, .sending: timer?.arm(at: loop.now + limits.microsecondsForPiece)
        }
    }
}
