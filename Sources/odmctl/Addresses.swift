import ArgumentParser

struct Addresses: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the addresses of odmd.",
        discussion: """
            STATE is that of an address: active, lingering (nobody uses it any more), deprecated (the host has \
            moved), ended, and so on. AGE is the time since it was made, or taken over from an earlier run of \
            odmd. LEFT is the time until an address that nobody uses is removed, "held" for one that acquire \
            holds, or "boot" for one that Acquire=boot keeps. FOR is the user or the socket (its cookie) that the \
            address is reserved for. A narrow terminal shows fewer columns.
            """)

    @Argument(
        help: ArgumentHelp("Only these addresses, or those that end so.", valueName: "address"),
        completion: Candidates.addresses, transform: AddressEnding.init)
    var endings: [AddressEnding] = []

    @Option(help: "Only addresses of this type.")
    var type: TypeName?

    @Option(
        help: ArgumentHelp("Only addresses from this source.", valueName: "name"),
        completion: Candidates.sources)
    var source: String?

    @OptionGroup var watching: WatchOptions
    @OptionGroup var options: Options

    func run() throws {
        try Session.show(options, watching) { (session) throws(Failure) in
            let source = try sourceName(session)
            let reply = try session.connection.call("ListAddresses")
            return try session.text(of: reply, as: AddressesReply.self, ifEmpty: nothing) {
                isWanted($0, source)
            }
        }
    }

    private func isWanted(_ address: AddressesReply.Address, _ source: String?) -> Bool {
        if let type, address.type != type.rawValue { return false }
        if let source, address.source != source { return false }
        return endings.match(address.address)
    }

    private func sourceName(_ session: borrowing Session) throws(Failure) -> String? {
        guard let source else { return nil }
        let reply = try session.connection.call("ListSources").list(SourcesReply.self)
        return try SourceName.resolved(source, among: reply.rows.map(\.name))
    }

    private var nothing: String {
        endings.isEmpty && type == nil && source == nil
            ? "There are no addresses." : "There is no such address."
    }
}

/// What `ListAddresses` of the interface replies.
struct AddressesReply: ListReply {
    struct Address: Decodable {
        var address: String
        var type: String
        var state: String
        var source: String?
        var interface: String?
        var interfaceIndex: Int?
        var sockets: Int
        var ageSeconds: Int64
        var held: Bool
        var initial: Bool
        var ownerUser: UInt32?
        var ownerSocket: String?
        var lingerLeftMilliseconds: Int64?
        var endsInMilliseconds: Int64?

        private enum CodingKeys: String, CodingKey {
            case address, type, state, source, interface, sockets, held, initial
            case interfaceIndex = "interface_index"
            case ageSeconds = "age_seconds"
            case ownerUser = "owner_user"
            case ownerSocket = "owner_socket"
            case lingerLeftMilliseconds = "linger_left_milliseconds"
            case endsInMilliseconds = "ends_in_milliseconds"
        }

        func cells(_ users: inout UserNames) -> [String] {
            [
                address, type, state, String(sockets), Age(seconds: ageSeconds).description, left,
                interface ?? interfaceIndex.map(String.init) ?? "-",
                source ?? "-", reservation(&users),
            ]
        }

        private var left: String {
            let milliseconds = endsInMilliseconds ?? lingerLeftMilliseconds
            return held
                ? "held" : initial ? "boot" : milliseconds.map { Age(milliseconds: $0).description } ?? "-"
        }

        private func reservation(_ users: inout UserNames) -> String {
            if let ownerUser { return users.name(of: ownerUser) }
            return ownerSocket.map { "sk:" + $0 } ?? "-"
        }
    }

    static let name = "addresses"
    var addresses: [Address]
    var rows: [Address] {
        get { addresses }
        set { addresses = newValue }
    }

    var table: Table {
        var users = UserNames()
        return Table(
            columns: [
                .init(title: "ADDRESS"), .init(title: "TYPE", narrowest: 8),
                .init(title: "STATE", colour: Colour.ofState),
                .init(title: "SOCKETS", alignment: .right),
                .init(title: "AGE", importance: 0), .init(title: "LEFT", importance: 4),
                .init(title: "INTERFACE", importance: 2), .init(title: "SOURCE", importance: 3),
                .init(title: "FOR", importance: 1),
            ],
            rows: addresses.map { $0.cells(&users) })
    }
}
