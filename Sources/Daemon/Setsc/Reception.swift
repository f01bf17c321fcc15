import Posix

/// Clients that were accepted and not heard yet, those of each user in a line of their own. The kernel has one line for
/// all, in which one user's could keep all others waiting.
final class Reception {
    /// Each has a descriptor, and most bring another; where few may be open, a quarter of them are for these.
    static func most(descriptors: UInt64) -> Int { Int(min(4096, max(4, descriptors / 4))) }

    private final class Client {
        private var connection: Descriptor?

        init(_ connection: consuming Descriptor) { self.connection = consume connection }

        func take() -> Descriptor? { connection.take() }
    }

    private struct Line {
        var clients: [Client] = []
        var first = 0

        var count: Int { clients.count - first }

        mutating func takeFirst() -> Client {
            let client = clients[first]
            first += 1
            // As long again as the line is, so that each is moved once on average.
            if first > count {
                clients.removeFirst(first)
                first = 0
            }
            return client
        }
    }

    private let most: Int
    /// One user cannot take the places of all others.
    private var mostOfOneUser: Int { most / 4 }
    private var lines: [UInt32: Line] = [:]
    /// Users of whom somebody waits, the one whose turn is next first.
    private var turns: [UInt32] = []
    private var count = 0

    init(most: Int) { self.most = most }

    var isEmpty: Bool { count == 0 }
    var isFull: Bool { count >= most }

    /// Takes a client to the end of the line of its user.
    ///
    /// - Returns: the connection if that line is full.
    func add(_ connection: consuming Descriptor, of user: UInt32) -> Descriptor? {
        let length = lines[user]?.count ?? 0
        guard length < mostOfOneUser else { return consume connection }
        if length == 0 { turns.append(user) }
        lines[user, default: Line()].clients.append(Client(connection))
        count += 1
        return nil
    }

    /// The first client of the user whose turn it is; nil if nobody waits.
    func next() -> Descriptor? {
        guard let user = turns.first else { return nil }
        turns.removeFirst()
        guard let client = lines[user]?.takeFirst() else {
            preconditionFailure("who has a turn has somebody in his line")
        }
        count -= 1
        if lines[user]?.count == 0 { lines[user] = nil } else { turns.append(user) }
        return client.take()
    }
}
