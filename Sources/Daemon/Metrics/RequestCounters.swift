import Mobility

/// Requests by what was asked for, what came of them, and how long a grant took. All of it has its place from the start:
/// counting allocates nothing.
struct RequestCounters {
    /// One for each type and outcome: a case more in `RequestOutcome` is `typeCount` places more here.
    private var counts = InlineArray<60, UInt64>(repeating: 0)
    private var hits = LatencyHistogram()
    private var made = LatencyHistogram()
    private var network = LatencyHistogram()
    /// Requests that the rules never heard of: no frame of ours, no IPv6 socket, too many clients.
    var misrequests: UInt64 = 0

    init() {
        precondition(ContinuityType.allCases.count == Self.typeCount, "a row has a place for each type")
        precondition(
            counts.count == Self.typeCount * RequestOutcome.allCases.count, "a row for each outcome")
    }

    /// - Parameter microseconds: from the wake-up in which the request was read until there was an answer.
    mutating func countGrant(_ type: ContinuityType, _ path: GrantPath, microseconds: UInt64) {
        counts[Self.place(type, .granted)] &+= 1
        switch path {
        case .hit: hits.count(microseconds: microseconds)
        case .made: made.count(microseconds: microseconds)
        case .network: network.count(microseconds: microseconds)
        }
    }

    mutating func count(_ type: ContinuityType, _ outcome: RequestOutcome) {
        counts[Self.place(type, outcome)] &+= 1
    }

    subscript(type: ContinuityType, outcome: RequestOutcome) -> UInt64 { counts[Self.place(type, outcome)] }

    func latency(of path: GrantPath) -> LatencyHistogram {
        switch path {
        case .hit: hits
        case .made: made
        case .network: network
        }
    }

    func sum(where isCounted: (RequestOutcome) -> Bool) -> UInt64 {
        ContinuityType.allCases.reduce(0) { sum, type in
            RequestOutcome.allCases.filter(isCounted).reduce(sum) { $0 + self[type, $1] }
        }
    }

    /// `allCases.count` would make an array each time.
    private static let typeCount = 4

    private static func place(_ type: ContinuityType, _ outcome: RequestOutcome) -> Int {
        outcome.rawValue * typeCount + Int(type.rawValue) - 1
    }
}
