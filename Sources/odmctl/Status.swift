import ArgumentParser

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show how the daemon is.",
        discussion: """
            How much it keeps, the network of each uplink, and what it was asked since it was started. \
            "in doubt" is a network that odmd is finding out about.
            """)

    @OptionGroup var watching: WatchOptions
    @OptionGroup var options: Options

    func run() throws {
        try Session.show(options, watching) { (session) throws(Failure) in
            try session.text(of: try session.connection.call("Status"), as: StatusReply.self, \.text)
        }
    }
}

/// What `Status` of the interface replies.
struct StatusReply: Decodable {
    var version: String
    var pid: Int
    var uptimeSeconds: Int64
    var configurationPath: String
    var addresses: Int
    var sockets: Int
    var sources: Int
    var requestsGranted: Int
    var requestsRefused: Int
    var lostEventOverruns: Int
    var logLevel: String
    var hooks: Bool
    var assignments: Int
    var networks: [Network]

    private enum CodingKeys: String, CodingKey {
        case version, pid, addresses, sockets, sources, hooks, assignments, networks
        case uptimeSeconds = "uptime_seconds"
        case configurationPath = "configuration_path"
        case requestsGranted = "requests_granted"
        case requestsRefused = "requests_refused"
        case lostEventOverruns = "lost_event_overruns"
        case logLevel = "log_level"
    }

    var text: String {
        """
        odmd \(version), process \(pid), up \(Age(seconds: uptimeSeconds))
        Configuration  \(configurationPath)
        Addresses      \(addresses)
        Sockets        \(sockets)
        Sources        \(sources)
        Networks       \(networkLines.joined(separator: "\n" + Self.indentation))
        Requests       \(requestsGranted) granted, \(requestsRefused) refused
        Kernel events  \(lostEventOverruns == 0 ? "none lost" : "lost \(lostEventOverruns) times")
        Hooks          \(hooksText)
        Log level      \(logLevel)
        """
    }

    private var hooksText: String {
        if !hooks { return "not used" }
        return assignments == 0 ? "used" : "used, control groups with a type: \(assignments)"
    }

    private static let indentation = String(repeating: " ", count: 15)
    /// Of a line, without the indentation, on the narrowest terminal that people have.
    private static let longestLine = 65

    /// One for each uplink of which anything is known.
    private var networkLines: [String] {
        let lines = networks.compactMap(\.columns).flatMap(Self.wrap)
        return lines.isEmpty ? ["none"] : lines
    }

    /// Columns in as few lines as they fit in; all but the first are indented.
    private static func wrap(_ columns: [String]) -> [String] {
        var lines = [columns[0]]
        for column in columns.dropFirst() {
            let longer = lines[lines.count - 1] + "  " + column
            if longer.count <= longestLine {
                lines[lines.count - 1] = longer
            } else {
                lines.append("  " + column)
            }
        }
        return lines
    }

    /// The network that an uplink is on.
    struct Network: Decodable {
        var interface: String
        var router: String?
        var prefixes: [String]
        var ageSeconds: Int64?

        private enum CodingKeys: String, CodingKey {
            case interface, router, prefixes
            case ageSeconds = "age_seconds"
        }

        /// Nil if nothing is known.
        fileprivate var columns: [String]? {
            guard router != nil || !prefixes.isEmpty || ageSeconds != nil else { return nil }
            var columns = [interface, router.map { "router \($0)" } ?? "no router"]
            columns += prefixes
            columns.append(ageSeconds.map { "for \(Age(seconds: $0))" } ?? "in doubt")
            return columns
        }
    }
}
