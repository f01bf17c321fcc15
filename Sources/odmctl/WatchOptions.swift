import ArgumentParser

/// Options of the subcommands whose output can be watched; named as those of watch(1).
struct WatchOptions: ParsableArguments {
    /// Those of watch(1) too: from what is no load on odmd to a day.
    static let bounds = 0.1...86400

    @Flag(name: .shortAndLong, help: "Show it again and again, until it is interrupted.")
    var watch = false

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("Time between two looks with --watch. (default: 1)", valueName: "seconds"))
    var interval: Double?

    func validate() throws {
        guard let interval else { return }
        guard watch else { throw ValidationError("--interval goes with --watch") }
        guard Self.bounds.contains(interval) else {
            throw ValidationError("--interval is from 0.1 to 86400 seconds")
        }
    }

    /// Nil if it is to be shown once.
    var milliseconds: Int32? { watch ? Int32((interval ?? 1) * 1000) : nil }
}
