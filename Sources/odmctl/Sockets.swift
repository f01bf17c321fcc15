import ArgumentParser

struct Sockets: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the sockets that keep an address.",
        discussion: """
            PROCESS is the one that asked for the address. COOKIE is what ss -e shows after sk:. A narrow \
            terminal shows fewer columns.
            """)

    @Argument(
        help: ArgumentHelp(
            "Only sockets of these addresses, or of those that end so.", valueName: "address"),
        completion: Candidates.addresses, transform: AddressEnding.init)
    var endings: [AddressEnding] = []

    @Option(
        help: ArgumentHelp("Only sockets of this user, a name or a number.", valueName: "name"),
        completion: Candidates.users, transform: UserNames.number)
    var user: UInt32?

    @OptionGroup var watching: WatchOptions
    @OptionGroup var options: Options

    func run() throws {
        let nothing =
            endings.isEmpty && user == nil ? "No socket keeps an address." : "There is no such socket."
        try Session.show(options, watching) { (session) throws(Failure) in
            let reply = try session.connection.call("ListSockets")
            return try session.text(of: reply, as: SocketsReply.self, ifEmpty: nothing) {
                endings.match($0.address) && (user == nil || $0.user == user)
            }
        }
    }
}

/// What `ListSockets` of the interface replies.
struct SocketsReply: ListReply {
    struct Socket: Decodable {
        var cookie: String
        var address: String
        var type: String
        var transport: Int?
        var user: UInt32
        var process: Int?

        func cells(_ users: inout UserNames) -> [String] {
            [
                address, type, transport.map(transportName) ?? "-", users.name(of: user),
                process.map(String.init) ?? "-", cookie,
            ]
        }
    }

    static let name = "sockets"
    var sockets: [Socket]
    var rows: [Socket] {
        get { sockets }
        set { sockets = newValue }
    }

    var table: Table {
        var users = UserNames()
        return Table(
            columns: [
                .init(title: "ADDRESS"), .init(title: "TYPE", narrowest: 8), .init(title: "PROTO"),
                .init(title: "USER", narrowest: 8), .init(title: "PROCESS", alignment: .right, importance: 2),
                .init(title: "COOKIE", alignment: .right, importance: 1),
            ],
            rows: sockets.map { $0.cells(&users) })
    }
}
