import Mobility

/// All sockets, the processes that have them, and what the kernel still has to tell of their deaths.
struct FakeSockets {
    /// RFC 9293 asks for two maximum segment lifetimes; TCP_TIMEWAIT_LEN.
    static let timeWait: Duration = .seconds(60)
    private static let processesAlive = 3
    /// The receive buffer of the subscription.
    private static let mostUndelivered = 12

    private(set) var all: [FakeSocket] = []
    private(set) var open: [Int] = []
    private(set) var processes = [FakeProcess](repeating: FakeProcess(), count: processesAlive)
    private(set) var timeWaits: [(address: IPv6Address, end: Instant)] = []
    private var undelivered: [SocketCookie] = []
    private(set) var haveDeathsBeenLost = false
    private(set) var areDeathsFollowed = false
    private var isDeaf = false

    subscript(cookie: SocketCookie) -> FakeSocket {
        get { all[Int(cookie) - 1] }
        _modify { yield &all[Int(cookie) - 1] }
    }

    mutating func make(user: UInt32, isAnnounced: Bool, isListed: Bool, maker: Int) -> SocketCookie {
        let place = all.count
        let cookie = SocketCookie(place) + 1
        all.append(
            FakeSocket(
                cookie: cookie, user: user, isAnnounced: isAnnounced, isListed: isListed, maker: maker,
                holder: maker))
        open.append(place)
        return cookie
    }

    /// Closes the last descriptor of a socket.
    mutating func close(_ cookie: SocketCookie) {
        guard let position = open.firstIndex(of: Int(cookie) - 1) else { return }
        open.swapAt(position, open.count - 1)
        open.removeLast()
        self[cookie].isOpen = false
        guard areDeathsFollowed, self[cookie].isAnnounced else { return }
        if !isDeaf, undelivered.count < Self.mostUndelivered {
            undelivered.append(cookie)
        } else {
            haveDeathsBeenLost = true
        }
    }

    mutating func leaveTimeWait(on address: IPv6Address, at now: Instant) {
        timeWaits.append((address, now + Self.timeWait))
    }

    mutating func endTimeWaits(at now: Instant) { timeWaits.removeAll { $0.end <= now } }

    /// The record of an address of the socket was lost.
    mutating func forget(_ address: IPv6Address, of cookie: SocketCookie, protectedUntil end: Instant) {
        self[cookie].forgotten.append(address)
        self[cookie].protectedUntil = end
    }

    mutating func setAdrift(_ place: Int) { all[place].isAdrift = true }

    /// Nobody waits any more for sockets that nobody can know of.
    mutating func endProtection() {
        for place in open { all[place].protectedUntil = nil }
    }

    // MARK: Processes

    var living: [Int] { processes.indices.filter { processes[$0].isThere } }

    mutating func setReadable(_ process: Int, _ isReadable: Bool) {
        processes[process].isReadable = isReadable
    }

    /// Ends a process, and begins another. What only it had open is closed.
    mutating func end(_ process: Int) {
        processes[process].isThere = false
        processes.append(FakeProcess())
        for place in open.reversed() where all[place].holder == process { close(all[place].cookie) }
    }

    /// What a look at the descriptors of all processes tells of a socket; nil if it is not certain.
    func isHeld(_ suspect: Suspect) -> Bool? {
        // No file has this number, so nobody has it open.
        guard suspect.inode > 0 else { return false }
        let socket = all[Int(suspect.inode) - 1]
        if socket.isOpen { return processes[socket.holder].isReadable ? true : nil }
        guard suspect.process != Requester.unknownProcess else { return false }
        let process = processes[FakeProcess.place(of: suspect.process)]
        return process.isThere && !process.isReadable ? nil : false
    }

    // MARK: The subscription to deaths

    /// - Parameter isDeaf: it does not work at first, for want of a descriptor say.
    mutating func followDeaths(isDeaf: Bool) {
        areDeathsFollowed = true
        self.isDeaf = isDeaf
        haveDeathsBeenLost = isDeaf
    }

    mutating func stopFollowingDeaths() {
        areDeathsFollowed = false
        isDeaf = false
        haveDeathsBeenLost = false
        undelivered.removeAll(keepingCapacity: true)
    }

    /// The buffer was too small for everything: what is in it is lost from `kept` on.
    mutating func loseDeaths(after kept: Int) {
        guard areDeathsFollowed else { return }
        undelivered.removeLast(max(0, undelivered.count - kept))
        haveDeathsBeenLost = true
    }

    var hasUndelivered: Bool { !undelivered.isEmpty || haveDeathsBeenLost }

    /// The next thing to tell: a death, or that some were lost; nil if there is nothing.
    mutating func nextDeath(_ dice: inout Dice) -> Event? {
        if let cookie = undelivered.popRandom(&dice) { return .socketDestroyed(cookie) }
        guard haveDeathsBeenLost else { return nil }
        haveDeathsBeenLost = false
        isDeaf = false
        return .socketDeathsLost
    }
}

extension [SocketCookie] {
    fileprivate mutating func popRandom(_ dice: inout Dice) -> SocketCookie? {
        if isEmpty { return nil }
        swapAt(dice.roll(count), count - 1)
        return removeLast()
    }
}
