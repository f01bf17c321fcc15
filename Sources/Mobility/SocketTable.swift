/// Which sockets keep which addresses: open addressing over socket cookies, without tombstones.
///
/// A socket that asked several times keeps several addresses, so a cookie may have several entries. An entry
/// takes 32 octets, and the table is between two fifths and four fifths full: 40 to 80 octets a socket.
struct SocketTable {
    struct Entry {
        /// A socket that was found in the kernel will be found there again: it needs no record.
        static let noRecord = SocketRecord.Number.max

        /// Zero marks a free place: the kernel numbers cookies from 1.
        var cookie: SocketCookie = 0
        /// Place of the address in the address table.
        var slot: UInt32 = 0
        var user: UInt32 = 0
        /// `Requester.unknownProcess` if nobody knows, zero for a socket that was found in the kernel.
        var process: Int32 = 0
        /// Of the socket's file; zero if not known.
        var inode: UInt32 = 0
        var record = noRecord
        var transport: UInt16 = 0
        private var marks: Marks = []

        init() {}

        /// A socket that asked.
        init(_ requester: Requester, slot: Int, record: SocketRecord.Number) {
            cookie = requester.cookie
            self.slot = UInt32(slot)
            user = requester.user
            process = requester.process
            inode = requester.inode
            self.record = record
            transport = requester.transport
            isLatest = true
            isSilent = !requester.isDeathAnnounced
        }

        /// A socket that was found.
        init(_ found: FoundSocket, slot: Int) {
            cookie = found.cookie
            self.slot = UInt32(slot)
            user = found.user
            transport = found.transport
        }

        var isOnlyFound: Bool { record == Self.noRecord }

        /// The socket was given this address last, so getsc() names it.
        var isLatest: Bool {
            get { marks.contains(.latest) }
            set { mark(.latest, newValue) }
        }

        /// Its death may have been missed.
        var isDoubtful: Bool {
            get { marks.contains(.doubtful) }
            set { mark(.doubtful, newValue) }
        }

        /// The kernel will not tell of its death.
        var isSilent: Bool {
            get { marks.contains(.silent) }
            set { mark(.silent, newValue) }
        }

        private mutating func mark(_ mark: Marks, _ isSet: Bool) {
            if isSet { marks.insert(mark) } else { marks.remove(mark) }
        }

        private struct Marks: OptionSet {
            let rawValue: UInt8
            static let latest = Marks(rawValue: 1)
            static let doubtful = Marks(rawValue: 2)
            static let silent = Marks(rawValue: 4)
        }
    }

    private(set) var count = 0
    /// Entries of sockets that were found in the kernel, and did not ask.
    private(set) var foundCount = 0
    private var entries: [Entry]

    private static let smallestCapacity = 64

    init() { entries = Array(repeating: Entry(), count: Self.smallestCapacity) }

    /// Calls `body` with the place of each address that the socket keeps until it answers false.
    func forEachSlot(of cookie: SocketCookie, _ body: (Entry) -> Bool) {
        var place = home(of: cookie)
        while entries[place].cookie != 0 {
            if entries[place].cookie == cookie, !body(entries[place]) { return }
            place = next(place)
        }
    }

    /// Adds an entry, which is the socket's latest unless it was only found in the kernel.
    mutating func insert(_ entry: Entry) {
        precondition(entry.cookie != 0, "a socket has a cookie")
        if (count + 1) * 5 > entries.count * 4 { grow() }
        if entry.isLatest { markLatest(entry.cookie, slot: entry.slot) }
        place(entry)
        count += 1
        if entry.isOnlyFound { foundCount += 1 }
    }

    /// Makes an address that the socket already keeps its latest.
    mutating func markLatest(_ cookie: SocketCookie, slot: UInt32) {
        change(cookie) { $0.isLatest = $0.slot == slot }
    }

    /// Calls `body` with every entry, to change anything but its cookie.
    mutating func change(_ body: (inout Entry) -> Void) {
        for place in entries.indices where entries[place].cookie != 0 { body(&entries[place]) }
    }

    /// Calls `body` with every entry of the socket, to change anything but its cookie.
    mutating func change(_ cookie: SocketCookie, _ body: (inout Entry) -> Void) {
        var place = home(of: cookie)
        while entries[place].cookie != 0 {
            if entries[place].cookie == cookie { body(&entries[place]) }
            place = next(place)
        }
    }

    /// Removes one entry of the socket and returns it; nil when there is none (left).
    mutating func removeOne(of cookie: SocketCookie) -> Entry? {
        removeFirst(of: cookie) { _ in true }
    }

    /// Removes the entry of the socket for one address; nil when there is none.
    mutating func remove(_ cookie: SocketCookie, slot: UInt32) -> Entry? {
        removeFirst(of: cookie) { $0.slot == slot }
    }

    private mutating func removeFirst(of cookie: SocketCookie, where condition: (Entry) -> Bool) -> Entry? {
        var place = home(of: cookie)
        while entries[place].cookie != cookie || !condition(entries[place]) {
            if entries[place].cookie == 0 { return nil }
            place = next(place)
        }
        let removed = entries[place]
        closeGap(at: place)
        count -= 1
        if removed.isOnlyFound { foundCount -= 1 }
        return removed
    }

    func contains(where condition: (Entry) -> Bool) -> Bool {
        entries.contains { $0.cookie != 0 && condition($0) }
    }

    /// Every entry, in no order.
    func visit(_ body: (Entry) -> Void) {
        for entry in entries where entry.cookie != 0 { body(entry) }
    }

    private mutating func place(_ entry: Entry) {
        var place = home(of: entry.cookie)
        while entries[place].cookie != 0 { place = next(place) }
        entries[place] = entry
    }

    /// Moves later entries of the run back, so that every one stays reachable from its home.
    private mutating func closeGap(at start: Int) {
        var gap = start
        var probe = next(start)
        while entries[probe].cookie != 0 {
            let distanceFromHome = (probe &- home(of: entries[probe].cookie)) & mask
            if distanceFromHome >= (probe &- gap) & mask {
                entries[gap] = entries[probe]
                gap = probe
            }
            probe = next(probe)
        }
        entries[gap] = Entry()
    }

    private mutating func grow() {
        let old = entries
        entries = Array(repeating: Entry(), count: old.count * 2)
        for entry in old where entry.cookie != 0 { place(entry) }
    }

    private var mask: Int { entries.count - 1 }

    private func next(_ place: Int) -> Int { (place + 1) & mask }

    private func home(of cookie: SocketCookie) -> Int { Int(truncatingIfNeeded: cookie.mixed >> 32) & mask }
}
