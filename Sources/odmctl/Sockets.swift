import ArgumentParser

struct Sockets: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the sockets that keep an address.",
        discussion: """
            PROCESS is the one that asked for the address. COOKIE is what ss -e shows after sk:. A narrow \
            terminal shows fewer columns.
            """)

    @OptionGroup var options: Options

    func run() throws {
        try Session.run(options) { (session) throws(Failure) in
            let reply = try session.connection.call("ListSockets")
            try session.showTable(
                reply, as: SocketsReply.self, ifEmpty: "No socket keeps an address.", \.table)
        }
    }
}

/// What `ListSockets` of the interface replies.
struct SocketsReply: Decodable {
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

    var sockets: [Socket]

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
