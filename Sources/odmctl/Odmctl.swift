import ArgumentParser

@main
struct Odmctl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "odmctl",
        abstract: "Show and change the addresses that odmd makes for sockets.",
        discussion: """
            Everybody may look; acquire, release, reload, assign and a change of log-level need root or a member of \
            the group odm, or of the one that AdminGroup= in the configuration names.

            Exit codes: 0 done; 64 wrong usage; 65 no such address, source or unit; 69 odmd is not running; 70 odmd answered \
            something unexpected; 71 the kernel refused; 72 run: its library is not installed; 75 refused for now, may \
            work later; 77 not permitted; 78 the configuration does not allow it, or is wrong; 126 and 127 run: the \
            program cannot be run, or is not there. Otherwise run ends as its program does.
            """,
        version: "0.1.0",
        subcommands: [
            Status.self, Addresses.self, Sockets.self, Sources.self, Rules.self, Config.self, Explain.self,
            Monitor.self, Metrics.self, Acquire.self, Release.self, Reload.self, LogLevel.self,
            Run.self, EnableUnit.self, DisableUnit.self, Assign.self, Assignments.self,
        ])

    @OptionGroup var options: Options

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            let arguments = Array(CommandLine.arguments.dropFirst())
            guard let text = UsageError.text(for: error, arguments) else { exit(withError: error) }
            Session.report(usage: text)
            exit(withError: ExitCode.validationFailure)
        }
    }
}
