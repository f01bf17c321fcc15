import ArgumentParser
import Posix

struct Rules: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the rules of the policy, in the order in which they are looked at.",
        discussion: """
            The first rule that is for whoever asks, and about the type, decides. "default" are those that are built in. \
            LIMITS is what one user may have at a time. A narrow terminal shows fewer columns.
            """)

    @OptionGroup var options: Options

    func run() throws {
        try Session.run(options) { (session) throws(Failure) in
            let reply = try session.connection.call("ListRules")
            try session.showTable(reply, as: RulesReply.self, ifEmpty: "", \.table)
        }
    }
}

/// `Rule` of the interface.
struct PolicyRule: Decodable {
    var name: String
    var types: [String]
    var users: [UInt32]?
    var groups: [UInt32]?
    var units: [String]?
    var action: String
    var maxAddresses: Int?
    var maxSockets: Int?

    private enum CodingKeys: String, CodingKey {
        case name, types, users, groups, units, action
        case maxAddresses = "max_addresses"
        case maxSockets = "max_sockets"
    }

    /// For whom it is.
    func addressees(_ names: inout UserNames) -> String {
        var parts: [String] = []
        if let users { parts.append("user " + users.map { names.name(of: $0) }.joined(separator: " ")) }
        if let groups { parts.append("group " + groups.map(Account.name(ofGroup:)).joined(separator: " ")) }
        if let units { parts.append("unit " + units.joined(separator: " ")) }
        return parts.isEmpty ? "everybody" : parts.joined(separator: ", ")
    }

    /// What one user may have.
    var limits: String {
        let limits = [(maxAddresses, "address", "addresses"), (maxSockets, "socket", "sockets")]
        let texts = limits.compactMap { most, one, many in most.map { "\($0) \($0 == 1 ? one : many)" } }
        return texts.isEmpty ? "-" : texts.joined(separator: ", ")
    }
}

/// What `ListRules` of the interface replies.
struct RulesReply: Decodable {
    var rules: [PolicyRule]

    var table: Table {
        var names = UserNames()
        return Table(
            columns: [
                .init(title: "NAME"), .init(title: "ACTION", colour: Colour.ofState),
                .init(title: "TYPES", narrowest: 15), .init(title: "FOR", narrowest: 10),
                .init(title: "LIMITS", importance: 1),
            ],
            rows: rules.map { rule in
                [
                    rule.name, rule.action, rule.types.joined(separator: " "), rule.addressees(&names),
                    rule.limits,
                ]
            })
    }
}
