import ArgumentParser

struct LogLevel: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log-level",
        abstract: "Print up to which level the daemon logs messages, or change it.",
        discussion: "A change lasts until the daemon reads its configuration again or ends.")

    /// Those of `LogLevel=`.
    enum Name: String, CaseIterable, ExpressibleByArgument {
        case error, warning, info, debug
    }

    @Argument(help: "The level from now on.")
    var level: Name?

    @OptionGroup var options: Options

    func run() throws {
        try Session.run(options) { (session) throws(Failure) in
            if let level {
                let reply = try session.connection.call("SetLogLevel", ["level": level.rawValue])
                try session.show(reply, as: Nothing.self) { _ in "" }
            } else {
                try session.show(try session.connection.call("Status"), as: StatusReply.self, \.logLevel)
            }
        }
    }

    private struct Nothing: Decodable {}
}
