import Mobility

/// What has happened since the start, in numbers.
final class Statistics {
    private(set) var requests = RequestCounters()
    /// By the source's name.
    private(set) var sources: [String: SourceCounters] = [:]
    /// Times that the kernel had more to say than there was room for.
    private(set) var overruns: UInt64 = 0
    /// Addresses whose sockets were ended.
    private(set) var aborts: UInt64 = 0

    var granted: UInt64 { requests.sum { $0 == .granted } }

    var refused: UInt64 { requests.sum(where: \.isRefusal) + requests.misrequests }

    // MARK: Requests

    func countGrant(_ type: ContinuityType, _ path: GrantPath, microseconds: UInt64) {
        requests.countGrant(type, path, microseconds: microseconds)
    }

    func count(_ type: ContinuityType, _ outcome: RequestOutcome) { requests.count(type, outcome) }

    func countMisrequest() { requests.misrequests += 1 }

    // MARK: Everything else

    func countOverrun() { overruns += 1 }

    func countAbort() { aborts += 1 }

    func countQuestion(to source: String) { sources[source, default: SourceCounters()].questions += 1 }

    func count(_ outcome: PrefixOutcome, of source: String) {
        sources[source, default: SourceCounters()].count(outcome)
    }

    /// Forgets the sources that the configuration does not have any more, so that it cannot grow without end.
    func keepSources(_ isKept: (String) -> Bool) { sources = sources.filter { isKept($0.key) } }
}

/// What a source was asked, and what it answered.
struct SourceCounters: Equatable {
    var questions: UInt64 = 0
    var grants: UInt64 = 0
    var refusals: UInt64 = 0
    /// Prefixes that it took away, or whose time was over.
    var withdrawals: UInt64 = 0

    mutating func count(_ outcome: PrefixOutcome) {
        switch outcome {
        case .granted: grants += 1
        case .refused: refusals += 1
        case .withdrawn: withdrawals += 1
        }
    }
}
