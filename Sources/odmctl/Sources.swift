import ArgumentParser

struct Sources: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the sources of prefixes, in the order in which they are tried.",
        discussion: """
            USED is how many addresses there are from the source, of how many it may give. "no interface" means \
            that none of its interfaces is there, or none that matches has carrier. A narrow terminal shows fewer \
            columns.
            """)

    @Argument(
        help: "Only this source; the beginning of its name will do.", completion: Candidates.sources)
    var name: String?

    @OptionGroup var watching: WatchOptions
    @OptionGroup var options: Options

    func run() throws {
        try Session.show(options, watching) { (session) throws(Failure) in
            let reply = try session.connection.call("ListSources")
            let wanted = try wanted(reply)
            return try session.text(of: reply, as: SourcesReply.self, ifEmpty: "No source is configured.") {
                wanted == nil || $0.name == wanted
            }
        }
    }

    private func wanted(_ reply: SuccessReply) throws(Failure) -> String? {
        guard let name else { return nil }
        return try SourceName.resolved(name, among: try reply.list(SourcesReply.self).rows.map(\.name))
    }
}

/// What `ListSources` of the interface replies.
struct SourcesReply: ListReply {
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

    static let name = "sources"
    var sources: [Source]
    var rows: [Source] {
        get { sources }
        set { sources = newValue }
    }

    var table: Table {
        Table(
            columns: [
                .init(title: "NAME"), .init(title: "KIND", importance: 3),
                .init(title: "STATE", colour: Colour.ofState),
                .init(title: "USED", alignment: .right), .init(title: "TYPES", narrowest: 15),
                .init(title: "PREFIXES", narrowest: 20), .init(title: "INTERFACE", importance: 2),
                .init(title: "PLACE", importance: 1),
            ],
            rows: sources.map(\.cells))
    }
}
