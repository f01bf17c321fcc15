/// How the daemon is, in numbers.
struct DaemonStatus: Equatable {
    var version: String
    var process: Int32
    var uptimeSeconds: UInt64
    var configurationPath: String
    var addresses: Int
    var sockets: Int
    var sources: Int
    /// Since the start, as the numbers below.
    var requestsGranted: UInt64
    var requestsRefused: UInt64
    /// How often the kernel had more to tell than was read in time (ENOBUFS).
    var lostEventOverruns: UInt64
    /// `LogLevel=`, or what was set since.
    var logLevel: String
    /// Those in the kernel are used (`Hooks=`).
    var hooks: Bool
    /// Control groups that have a type.
    var assignments: Int
    /// One for each uplink.
    var networks: [NetworkRow]
}

extension DaemonStatus: Encodable {
    private enum CodingKeys: String, CodingKey {
        case version
        case process = "pid"
        case uptimeSeconds = "uptime_seconds"
        case configurationPath = "configuration_path"
        case addresses, sockets, sources
        case requestsGranted = "requests_granted"
        case requestsRefused = "requests_refused"
        case lostEventOverruns = "lost_event_overruns"
        case logLevel = "log_level"
        case hooks, assignments, networks
    }
}
