import Mobility

/// How many lines of a source's programs are logged, so that one that fails all day does not fill the log.
struct HelperMessageRate {
    private static let window: Duration = .seconds(60)

    private let limit: Int
    private var since = Instant(microseconds: 0)
    private var count = 0

    /// - Parameter limit: lines a minute.
    init(limit: Int) { self.limit = limit }

    enum Permission {
        case granted
        /// This one is not logged, and it is the first.
        case ended
        case denied
    }

    /// Whether one more may be logged now.
    mutating func ask(at now: Instant) -> Permission {
        if now.since(since) >= Self.window { (since, count) = (now, 0) }
        count += 1
        if count <= limit { return .granted }
        return count == limit + 1 ? .ended : .denied
    }
}
