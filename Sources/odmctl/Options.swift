import ArgumentParser

/// Options of every subcommand.
struct Options: ParsableArguments {
    static let usualSocket = "/run/odm/admin"

    @Option(
        help: ArgumentHelp("Administration socket of odmd.", valueName: "path"), completion: .file())
    var socket = Options.usualSocket

    @Flag(help: "Print JSON: an object on a line of its own.")
    var json = false
}
