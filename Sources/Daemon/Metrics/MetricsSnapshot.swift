import Mobility

/// All numbers at one moment, to be written as text.
struct MetricsSnapshot {
    /// Sources that are told of: who has more has numbers enough.
    static let mostSources = 256

    struct Source {
        var name: String
        var counters: SourceCounters
    }

    var version: String
    /// Since 1970-01-01 00:00 UTC.
    var startMilliseconds: Int64
    var uptimeSeconds: UInt64
    var requests = RequestCounters()
    /// Those that can be asked, in the order of the configuration.
    var sources: [Source] = []
    var census = AddressCensus()
    var overruns: UInt64 = 0
    var moves: UInt64 = 0
    var aborts: UInt64 = 0

    init(version: String, startMilliseconds: Int64, uptimeSeconds: UInt64) {
        self.version = version
        self.startMilliseconds = startMilliseconds
        self.uptimeSeconds = uptimeSeconds
    }

    mutating func fill(_ statistics: Statistics, _ rules: Rules) {
        requests = statistics.requests
        overruns = statistics.overruns
        aborts = statistics.aborts
        moves = rules.moveCount
        census = AddressCensus(rules)
        sources = rules.configuration.sources.filter(\.kind.isAsked).prefix(Self.mostSources).map {
            Source(name: $0.name, counters: statistics.sources[$0.name] ?? SourceCounters())
        }
    }
}
