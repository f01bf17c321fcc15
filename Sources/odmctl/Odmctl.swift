import ArgumentParser

@main
struct Odmctl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "odmctl",
        abstract: "Show and change the addresses that odmd makes for sockets.",
        discussion: """
            Everybody may look; acquire, release and reload need root or the group odm.

            Exit codes: 0 done; 64 wrong usage; 65 no such address; 69 odmd is not running; 70 odmd answered \
            something unexpected; 71 the kernel refused; 75 refused for now, may work later; 77 not \
            permitted; 78 the configuration does not allow it, or is wrong.
            """,
        version: "0.1.0",
        subcommands: [
            Status.self, Addresses.self, Sockets.self, Sources.self, Monitor.self, Acquire.self, Release.self,
            Reload.self,
        ])

    @OptionGroup var options: Options
}
