import ArgumentParser

/// `Options` of a subcommand that hands on all that follows some word.
///
/// Where there is one, the parser lets the options that stand between it and that word be read by the subcommand only, and
/// those before it by `Odmctl`: of one type that both have, it would take what `Odmctl` read, and refuse the others.
struct InnerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Administration socket of odmd.", valueName: "path"), completion: .file())
    var socket: String?

    @Flag(help: "Print JSON: an object on a line of its own.")
    var json = false

    /// Those that count, of which some were before the subcommand.
    func over(_ outer: Options) -> Options {
        var options = outer
        if let socket { options.socket = socket }
        options.json = outer.json || json
        return options
    }
}
