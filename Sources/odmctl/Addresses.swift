import ArgumentParser

struct Addresses: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the addresses of odmd.",
        discussion: """
            LEFT is the time until an address that nobody uses is removed, or "held" for one that acquire \
            holds. FOR is the user or the socket (its cookie) that the address is reserved for. A narrow \
            terminal shows fewer columns.
            """)

    @OptionGroup var options: Options

    func run() throws {
        try Session.run(options) { (session) throws(Failure) in
            let reply = try session.connection.call("ListAddresses")
            try session.showTable(reply, as: AddressesReply.self, ifEmpty: "There are no addresses.", \.table)
        }
    }
}

/// What `ListAddresses` of the interface replies.
struct AddressesReply: Decodable {
    struct Address: Decodable {
        var address: String
        var type: String
        var state: String
        var source: String?
        var interface: String?
        var interfaceIndex: Int?
        var sockets: Int
        var held: Bool
        var ownerUser: UInt32?
        var ownerSocket: String?
        var lingerLeftMilliseconds: Int64?
        var endsInMilliseconds: Int64?

        private enum CodingKeys: String, CodingKey {
            case address, type, state, source, interface, sockets, held
            case interfaceIndex = "interface_index"
            case ownerUser = "owner_user"
            case ownerSocket = "owner_socket"
            case lingerLeftMilliseconds = "linger_left_milliseconds"
            case endsInMilliseconds = "ends_in_milliseconds"
        }

        func cells(_ users: inout UserNames) -> [String] {
            [
                address, type, state, String(sockets), left,
                interface ?? interfaceIndex.map(String.init) ?? "-",
                source ?? "-", reservation(&users),
            ]
        }

        private var left: String {
            let milliseconds = endsInMilliseconds ?? lingerLeftMilliseconds
            return held ? "held" : milliseconds.map { Age(milliseconds: $0).description } ?? "-"
        }

        private func reservation(_ users: inout UserNames) -> String {
            if let ownerUser { return users.name(of: ownerUser) }
            return ownerSocket.map { "sk:" + $0 } ?? "-"
        }
    }

    var addresses: [Address]

    var table: Table {
        var users = UserNames()
        return Table(
            columns: [
                .init(title: "ADDRESS"), .init(title: "TYPE", narrowest: 8), .init(title: "STATE"),
                .init(title: "SOCKETS", alignment: .right), .init(title: "LEFT", importance: 4),
                .init(title: "INTERFACE", importance: 2), .init(title: "SOURCE", importance: 3),
                .init(title: "FOR", importance: 1),
            ],
            rows: addresses.map { $0.cells(&users) })
    }
}
