import Mobility

/// The file of records. It outlives the daemon, unless it is damaged.
struct FakeRecords {
    /// Numbers are small, so that the file is: no history has as many sockets.
    static let most: SocketRecord.Number = 1000

    private(set) var all: [SocketRecord?] = []
    /// There is no room for another.
    var isFull = false
    /// The file is found damaged at the next start.
    var areIncomplete = false
    private(set) var wereLost = false
    /// Numbers whose record was refused: erasing them is a matter of caution.
    private var refused: [SocketRecord.Number] = []

    mutating func keep(_ number: SocketRecord.Number, _ record: SocketRecord) {
        while all.count <= Int(number) { all.append(nil) }
        all[Int(number)] = record
        refused.removeAll { $0 == number }
    }

    subscript(number: SocketRecord.Number) -> SocketRecord? {
        Int(number) < all.count ? all[Int(number)] : nil
    }

    mutating func refuse(_ number: SocketRecord.Number) { refused.append(number) }

    /// - Returns: false if there was no such record.
    mutating func erase(_ number: SocketRecord.Number) -> Bool {
        if let place = refused.firstIndex(of: number) {
            _ = refused.swapOut(place)
            return true
        }
        guard self[number] != nil else { return false }
        all[Int(number)] = nil
        return true
    }

    mutating func lose(_ number: SocketRecord.Number) {
        all[Int(number)] = nil
        areIncomplete = true
        wereLost = true
    }

    func contains(_ cookie: SocketCookie, _ address: IPv6Address) -> Bool { first(cookie, address) != nil }

    func first(_ cookie: SocketCookie, _ address: IPv6Address) -> SocketRecord? {
        for case let record? in all where record.address == address && record.requester?.cookie == cookie {
            return record
        }
        return nil
    }
}

extension SocketRecord {
    /// The socket may have been passed to another process when it asked again.
    func isOfSame(_ other: SocketRecord) -> Bool {
        address == other.address && requester?.cookie == other.requester?.cookie
    }
}
