import ArgumentParser

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show how the daemon is.")

    @OptionGroup var options: Options

    func run() throws {
        try Session.run(options) { (session) throws(Failure) in
            try session.show(try session.connection.call("Status"), as: StatusReply.self, \.text)
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
    var networks: [Network]

    private enum CodingKeys: String, CodingKey {
        case version, pid, addresses, sockets, sources, networks
        case uptimeSeconds = "uptime_seconds"
        case configurationPath = "configuration_path"
        case requestsGranted = "requests_granted"
        case requestsRefused = "requests_refused"
        case lostEventOverruns = "lost_event_overruns"
    }

    var text: String {
        """
        odmd \(version), process \(pid), up \(Age(seconds: uptimeSeconds))
        Configuration  \(configurationPath)
        Addresses      \(addresses)
        Sockets        \(sockets)
        Sources        \(sources)
        Networks       \(networkLines.joined(separator: "\n               "))
        Requests       \(requestsGranted) granted, \(requestsRefused) refused
        Kernel events  \(lostEventOverruns == 0 ? "none lost" : "lost \(lostEventOverruns) times")
        """
    }

    /// One for each uplink of which anything is known.
    private var networkLines: [String] {
        let lines = networks.compactMap(\.line)
        return lines.isEmpty ? ["none"] : lines
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
        fileprivate var line: String? {
            guard router != nil || !prefixes.isEmpty || ageSeconds != nil else { return nil }
            var columns = [interface, router.map { "router \($0)" } ?? "no router"]
            columns += prefixes
            columns.append(ageSeconds.map { "for \(Age(seconds: $0))" } ?? "in doubt")
            return columns.joined(separator: "  ")
        }
    }
}
