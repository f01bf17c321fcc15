import ArgumentParser

struct Acquire: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make an address and hold it until it is released.",
        discussion: "Prints the address. If sockets share an address of the type, that one is held.")

    @Argument(help: "How durable the address is to be.")
    var type: TypeName

    @Flag(help: "A new address from a new prefix of the network that the host is on now.")
    var onNet = false

    @OptionGroup var options: Options

    func run() throws {
        let parameters = AcquireParameters(type: type.rawValue, onNet: onNet)
        try Session.run(options) { (session) throws(Failure) in
            let reply = try session.connection.call("Acquire", parameters)
            try session.show(reply, as: AcquireReply.self, \.address)
        }
    }
}

struct AcquireParameters: Encodable {
    var type: String
    var onNet: Bool

    private enum CodingKeys: String, CodingKey {
        case type
        case onNet = "on_net"
    }
}

/// What `Acquire` of the interface replies.
struct AcquireReply: Decodable {
    var address: String
}
