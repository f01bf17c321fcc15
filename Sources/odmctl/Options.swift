import ArgumentParser

/// Options of every subcommand.
struct Options: ParsableArguments {
    @Option(help: ArgumentHelp("Administration socket of odmd.", valueName: "path"))
    var socket = "/run/odm/admin"

    @Flag(help: "Print the reply as JSON: indented on a terminal, on one line elsewhere.")
    var json = false
}
