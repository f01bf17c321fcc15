import Mobility

/// Lets so many lines pass in a time, and counts the others: a client in a loop must not fill the journal.
struct LineLimit {
    enum Admission: Equatable {
        /// Write it; so many before it were not written.
        case write(left: Int)
        case leave
    }

    let most: Int
    let window: Duration
    private var end: Instant?
    private var written = 0
    private var left = 0

    init(most: Int, in window: Duration) {
        self.most = most
        self.window = window
    }

    mutating func admit(at now: Instant) -> Admission {
        if end.map({ now >= $0 }) ?? true {
            end = now + window
            written = 0
        }
        guard written < most else {
            left += 1
            return .leave
        }
        written += 1
        defer { left = 0 }
        return .write(left: left)
    }
}
