import ArgumentParser

struct Sources: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the sources of prefixes, in the order in which they are tried.",
        discussion: "USED is how many addresses there are from the source, of how many it may give.")

    @OptionGroup var options: Options

    func run() throws {
        try Session.run(options) { (session) throws(Failure) in
            let reply = try session.connection.call("ListSources")
            try session.showTable(reply, as: SourcesReply.self, ifEmpty: "No source is configured.", \.table)
        }
    }
}

/// What `ListSources` of the interface replies.
struct SourcesReply: Decodable {
    struct Source: Decodable {
        var name: String
        var kind: String
        var types: [String]
        var prefixes: [String]
        var interface: String?
        var interfaces: [String]
        var place: String
        var maxAddresses: Int
        var addresses: Int
        var available: Bool

        private enum CodingKeys: String, CodingKey {
            case name, kind, types, prefixes, interface, interfaces, place, addresses, available
            case maxAddresses = "max_addresses"
        }

        var cells: [String] {
            let uplinks = interface.map { [$0] } ?? interfaces
            return [
                name, kind, available ? "ready" : "no interface", "\(addresses)/\(maxAddresses)",
                types.joined(separator: " "), Self.list(prefixes), Self.list(uplinks), place,
            ]
        }

        private static func list(_ words: [String]) -> String {
            words.isEmpty ? "-" : words.joined(separator: " ")
        }
    }

    var sources: [Source]

    var table: Table {
        Table(
            columns: [
                .init(title: "NAME"), .init(title: "KIND", importance: 3), .init(title: "STATE"),
                .init(title: "USED", alignment: .right), .init(title: "TYPES", narrowest: 15),
                .init(title: "PREFIXES", narrowest: 20), .init(title: "INTERFACE", importance: 2),
                .init(title: "PLACE", importance: 1),
            ],
            rows: sources.map(\.cells))
    }
}
