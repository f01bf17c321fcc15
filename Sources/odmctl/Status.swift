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

    private enum CodingKeys: String, CodingKey {
        case version, pid, addresses, sockets, sources
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
        Requests       \(requestsGranted) granted, \(requestsRefused) refused
        Kernel events  \(lostEventOverruns == 0 ? "none lost" : "lost \(lostEventOverruns) times")
        """
    }
}
