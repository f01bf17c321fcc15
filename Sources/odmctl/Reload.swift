import ArgumentParser

struct Reload: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the daemon read its configuration again.",
        discussion: """
            If there are errors in it they are printed with file and line, and the daemon goes on with what it \
            had.
            """)

    @OptionGroup var options: Options

    func run() throws {
        try Session.run(options) { (session) throws(Failure) in
            try session.show(try session.connection.call("Reload"), as: Nothing.self) { _ in "" }
        }
    }

    private struct Nothing: Decodable {}
}
