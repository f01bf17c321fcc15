/// What is due when: a binary heap of deadlines, earliest first.
struct Agenda {
    enum Matter: Equatable {
        /// An address has lingered long enough.
        case lingerEnd(slot: Int)
        /// An address that comes to its end has been kept long enough.
        case farewell(slot: Int)
        /// An address may be too old for new sockets.
        case freshness(slot: Int)
        /// What sockets have carried is to be looked at.
        case measuring
        /// A carrier has been gone for long enough.
        case uplinkChoice
        /// The request whose deadline is next has waited long enough.
        case requestDeadlines
        /// Whoever was asked has had time to answer.
        case patience(LeaseID)
        /// Sockets whose deaths may have been missed are to be looked for again.
        case doubts
        /// An address that is in use and missing is to be put back, which failed before.
        case restoring(slot: Int)
        /// Routing that is missing is to be put back.
        case routing(OwnRouting)
        /// Without records, what an earlier run left has been kept long enough.
        case tidying
        /// No socket has been tracked for a while.
        case stopFollowing
    }

    private struct Entry {
        var due: Instant
        var matter: Matter
    }

    private var heap: [Entry] = []

    var count: Int { heap.count }

    /// When the earliest matter is due; nil if there is none.
    var next: Instant? { heap.first?.due }

    mutating func add(_ matter: Matter, due: Instant) {
        heap.append(Entry(due: due, matter: matter))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].due < heap[parent].due else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Removes and returns the earliest matter if it is due.
    mutating func takeDue(at now: Instant) -> (due: Instant, matter: Matter)? {
        guard let first = heap.first, first.due <= now else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sinkRoot()
        }
        return (first.due, first.matter)
    }

    private mutating func sinkRoot() {
        var parent = 0
        while true {
            var smallest = parent
            for child in 2 * parent + 1...2 * parent + 2
            where child < heap.count && heap[child].due < heap[smallest].due {
                smallest = child
            }
            guard smallest != parent else { return }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
