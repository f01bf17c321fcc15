import ArgumentParser

struct Metrics: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the numbers of the daemon, in the format of OpenMetrics.",
        discussion: "Prometheus and others read it. Counters begin at zero when the daemon starts.")

    @OptionGroup var options: Options

    func run() throws {
        try Session.run(options) { (session) throws(Failure) in
            try session.show(try session.connection.call("Metrics"), as: MetricsReply.self, \.lines)
        }
    }
}

/// What `Metrics` of the interface replies.
struct MetricsReply: Decodable {
    var text: String

    /// Without the end of the last line, which is printed with it.
    var lines: String { text.hasSuffix("\n") ? String(text.dropLast()) : text }
}
