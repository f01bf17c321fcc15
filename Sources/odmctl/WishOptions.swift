import ArgumentParser

/// What a program that knows nothing of odmd shall be given.
struct WishOptions: ParsableArguments {
    @Option(help: "How durable the addresses are to be.")
    var type: TypeName

    @Flag(help: "Each socket gets a new address from a new prefix of the network that the host is on.")
    var onNet = false

    @Flag(help: "Also sockets that wait for others: at bind() to no address in particular, and listen().")
    var serve = false

    @Flag(help: "Where there is no address, calls fail, and what cannot be given any is not run.")
    var strict = false

    @Flag(help: "Have programs in the kernel do it, which reach every program; no --serve, no --on-net.")
    var kernel = false

    func validate() throws {
        if kernel, serve || onNet {
            throw ValidationError(
                "--kernel goes without --serve and --on-net: the kernel's programs know neither")
        }
    }

    /// The value of ODM_RUN, which the library that is preloaded reads.
    var words: String {
        let flags = [(onNet, "on-net"), (serve, "serve"), (strict, "strict")]
        return ([type.rawValue] + flags.filter(\.0).map(\.1)).joined(separator: " ")
    }
}
