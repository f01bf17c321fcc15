import CLibc
import EventLoop
import Kernel
import Mobility
import Posix

/// Finds out which sockets there are, and which have died.
final class SocketWatch {
    /// Deaths that are read in one wake-up, so that requests get their turn while thousands of sockets die.
    private static let deathsPerWakeUp = 256
    /// When deaths cannot be followed, for want of a descriptor say, it is tried again after this.
    private static let retryMicroseconds: UInt64 = 1_000_000
    /// Longer than a socket is on its way from one process to another that waits for it.
    private static let looksApartMicroseconds: UInt64 = 100_000

    private let loop: EventLoop
    private let log: Log
    private let diagnosis: SocketDiagnosis
    private let holders: any HolderSearch
    /// The receive buffer that the next subscription gets.
    var eventBufferBytes: Int
    /// Deaths are to be followed, by the subscription or by the hooks.
    private var isFollowing = false
    private var deaths: SocketDeathMonitor?
    private var source: IOSource?
    private var retry: Timer?
    private var firstLook: Timer?
    private var secondLook: Timer?
    /// Sockets that nobody held at the first look.
    private var missed: [Suspect] = []

    init(loop: EventLoop, log: Log, eventBufferBytes: Int, holders: any HolderSearch) throws {
        self.loop = loop
        self.log = log
        self.holders = holders
        self.eventBufferBytes = eventBufferBytes
        diagnosis = try SocketDiagnosis.open()
    }

    // MARK: Deaths

    func follow(for daemon: Daemon) {
        isFollowing = true
        review(for: daemon)
    }

    func stopFollowing() {
        isFollowing = false
        unsubscribe()
    }

    /// The subscription, which every socket on the host pays for, is needed where the hooks do not tell enough: of what a
    /// connection has carried, and of sockets that are listed but did not ask, of which some have been closed already
    /// and only finish what they have to send.
    func review(for daemon: Daemon) {
        let isNeeded =
            isFollowing && (!daemon.hooks.areUsed || daemon.countsTraffic || daemon.rules.hasFoundSockets)
        if isNeeded { ensureSubscription(for: daemon) } else { unsubscribe() }
    }

    private func ensureSubscription(for daemon: Daemon) {
        guard deaths == nil, retry == nil else { return }
        do {
            try subscribe(for: daemon)
        } catch {
            log.error("socket deaths cannot be followed: \(error); trying again")
            retryLater(for: daemon)
        }
    }

    private func unsubscribe() {
        retry = nil
        source = nil
        deaths = nil
    }

    private func subscribe(for daemon: Daemon) throws {
        let deaths = try SocketDeathMonitor.open(receiveBufferBytes: eventBufferBytes)
        source = try loop.watch(deaths.descriptor, for: .input) { [unowned self, unowned daemon] _ in
            drain(for: daemon)
        }
        self.deaths = deaths
    }

    /// Until then deaths are missed, and must be found out.
    private func retryLater(for daemon: Daemon) {
        let timer = try? loop.timer { [unowned self, unowned daemon] in
            do {
                try subscribe(for: daemon)
            } catch {
                retry?.arm(at: loop.now + Self.retryMicroseconds)
                return
            }
            retry = nil
            log.info("socket deaths are followed again; looking at all that are open")
            daemon.tell(.socketDeathsLost)
        }
        timer?.arm(at: loop.now + Self.retryMicroseconds)
        retry = timer
    }

    private func drain(for daemon: Daemon) {
        guard let deaths else { return }
        do {
            let traffic = daemon.countsTraffic ? { daemon.tell(.trafficEnded($0)) } : nil
            let outcome = try deaths.drain(budget: Self.deathsPerWakeUp, traffic: traffic) {
                daemon.tell(.socketDestroyed($0))
            }
            if outcome == .overrun {
                daemon.statistics.countOverrun()
                log.warning("the kernel lost track of closed sockets; looking at all that are open")
                daemon.tell(.socketDeathsLost)
            }
        } catch {
            log.error("\(error); subscribing anew")
            unsubscribe()
            retryLater(for: daemon)
        }
        if daemon.hooks.areUsed { review(for: daemon) }
    }

    // MARK: Sockets that are there

    /// Ends the sockets that are bound to an address and that the kernel can end: all, or some of them.
    func abort(boundTo address: IPv6Address, only cookies: [SocketCookie]?) {
        do {
            let count = try diagnosis.abort(boundTo: address, only: cookies)
            log.info("\(address) does not work any more; sockets ended: \(count)")
        } catch {
            log.warning("\(error); the sockets that have \(address) find out by themselves")
        }
    }

    func find(in prefix: IPv6Prefix, for daemon: Daemon) {
        // First, so that no death of one that is found is missed.
        if isFollowing { ensureSubscription(for: daemon) }
        defer { review(for: daemon) }
        do {
            try diagnosis.sockets(boundIn: prefix) { daemon.tell(Event($0)) }
            daemon.hooks.drainAll(for: daemon)
            daemon.tell(.socketsListed(prefix))
        } catch {
            log.warning("\(error); asking again")
            daemon.tell(.socketsUnknown(prefix))
        }
    }

    /// Without an answer the next question will do.
    func measureTraffic(in prefix: IPv6Prefix, for daemon: Daemon) {
        do {
            daemon.tell(.trafficMeasured(try diagnosis.traffic(in: prefix)))
        } catch {
            log.debug("\(error)")
        }
    }

    /// Looks for the processes that hold sockets in doubt, when what is going on is done: a start does not wait for
    /// it. For those that nobody holds it looks once more after a moment: one that is passed from a process to
    /// another may be seen in neither. As long as any descriptors are on their way, so may these be.
    func findHolders(for daemon: Daemon) {
        if firstLook == nil {
            firstLook = try? loop.timer { [unowned self, unowned daemon] in lookFirst(for: daemon) }
        }
        firstLook?.arm(at: loop.now)
    }

    private func lookFirst(for daemon: Daemon) {
        look(for: daemon.rules.suspects, isLast: false, for: daemon) {
            [unowned self, unowned daemon] missing, _ in
            missed += missing
            if missed.isEmpty { return }
            if secondLook == nil {
                secondLook = try? loop.timer { [unowned self, unowned daemon] in lookAgain(for: daemon) }
            }
            secondLook?.arm(at: loop.now + Self.looksApartMicroseconds)
        }
    }

    private func lookAgain(for daemon: Daemon) {
        let suspects = missed
        missed = []
        look(for: suspects, isLast: true, for: daemon) { [unowned daemon] gone, mayBeOnItsWay in
            if mayBeOnItsWay || gone.isEmpty { return }
            // What has been trusted since the question was asked is no suspect any more.
            let suspects = Set(daemon.rules.suspects.map(\.cookie))
            for suspect in gone where suspects.contains(suspect.cookie) {
                daemon.tell(.socketGone(suspect.cookie))
            }
        }
    }

    /// Tells of those that somebody holds.
    ///
    /// - Parameter body: told those that are nowhere, as far as can be seen, and whether they may be on their way all the
    ///   same; not called if nothing could be seen.
    private func look(
        for suspects: [Suspect], isLast: Bool, for daemon: Daemon,
        then body: @escaping ([Suspect], _ mayBeOnItsWay: Bool) -> Void
    ) {
        if suspects.isEmpty { return body([], false) }
        holders.look(for: suspects.map(SocketHolders.Sought.init), isLast: isLast) { [unowned daemon] sight in
            guard let sight else { return }
            let seen = zip(suspects, sight.whereabouts)
            for (suspect, place) in seen where place == .held { daemon.tell(.socketHeld(suspect.cookie)) }
            body(seen.filter { $0.1 == .nowhere }.map(\.0), sight.mayBeOnItsWay)
        }
    }
}

extension SocketHolders.Sought {
    fileprivate init(_ suspect: Suspect) {
        let isGone = suspect.process == Requester.goneProcess
        self.init(process: isGone ? nil : suspect.process, inode: suspect.inode)
    }
}

extension Event {
    fileprivate init(_ socket: Kernel.FoundSocket) {
        if let left = socket.timeWaitLeft {
            // A connection that has ended waits for stray segments, but nobody has it open.
            self = .timeWaitFound(socket.address, left: left)
        } else {
            self = .socketFound(
                Mobility.FoundSocket(
                    cookie: socket.cookie, address: socket.address, transport: socket.transport,
                    user: socket.user, isDeathAnnounced: socket.isDeathAnnounced))
        }
    }
}
