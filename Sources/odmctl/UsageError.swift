import ArgumentParser

/// What is said about a command line that is wrong.
enum UsageError {
    /// Nil if the command line is right, or asks for help.
    static func text(for error: any Error, _ arguments: [String]) -> String? {
        if let misspelling = misspelling(in: arguments) { return misspelling }
        // What failed when the command ran was told already.
        guard !(error is ExitCode), Odmctl.exitCode(for: error) == .validationFailure else { return nil }
        let message = Odmctl.fullMessage(for: error)
        let prefix = "Error: "
        return message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : message
    }

    /// What to say if the subcommand, or the one that help is wanted for, is none.
    static func misspelling(in arguments: [String]) -> String? {
        guard let written = subcommand(in: arguments[...]), !subcommands.contains(written) else { return nil }
        let advice = Spelling.nearest(to: written, among: subcommands).map { "did you mean '\($0)'?" }
        return "there is no subcommand '\(written)'; "
            + (advice ?? "there are \(subcommands.joined(separator: ", "))")
            + "\n  See 'odmctl --help' for more information."
    }

    private static let subcommands =
        Odmctl.configuration.subcommands.compactMap { $0._commandName } + ["help"]

    /// The first word that is no option of all subcommands; nil if there is none, or another option before it.
    private static func subcommand(in arguments: ArraySlice<String>) -> String? {
        guard let first = arguments.first else { return nil }
        switch first {
        case "--socket": return subcommand(in: arguments.dropFirst(2))
        case "--json": return subcommand(in: arguments.dropFirst())
        case "help": return arguments.dropFirst().first { !$0.hasPrefix("-") } ?? first
        default:
            if first.hasPrefix("--socket=") { return subcommand(in: arguments.dropFirst()) }
            return first.hasPrefix("-") ? nil : first
        }
    }
}
