import ArgumentParser
import Posix

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what setsc() would be answered now, and why, without doing it.",
        discussion: """
            Which rule decides, what each source has, and which address it would be. Without --user and --pid it is \
            told for whoever calls. Most addresses are random: one that would be made may be another when it is. \
            The exit code is 0 whatever the answer would be.
            """)

    @Option(help: "How durable the address is to be; all types if it is left out.")
    var type: TypeName?

    @Option(
        help: ArgumentHelp("Asked by this user, with the groups that he is in.", valueName: "user"),
        completion: Candidates.users, transform: UserNames.number)
    var user: UInt32?

    @Option(help: ArgumentHelp("Asked from this systemd unit; with --user.", valueName: "name"))
    var unit: String?

    @Option(help: ArgumentHelp("Asked by this process.", valueName: "process"))
    var pid: Int32?

    @Flag(help: "A new address from a new prefix of the network that the host is on now.")
    var onNet = false

    @OptionGroup var options: Options

    func validate() throws {
        if pid != nil, user != nil || unit != nil {
            throw ValidationError("--pid goes without --user and --unit: the process has its own")
        }
        if unit != nil, user == nil { throw ValidationError("--unit needs --user") }
    }

    func run() throws {
        try Session.run(options) { (session) throws(Failure) in
            let process = try pid.map(Self.look)
            for type in type.map({ [$0] }) ?? TypeName.allCases {
                let parameters = ExplainParameters(
                    type: type.rawValue, onNet: onNet, user: process?.credentials.user ?? user,
                    groups: process?.credentials.groups ?? user.map(Account.groups(ofUser:)),
                    unit: process?.unit ?? unit)
                let reply = try session.connection.call("Explain", parameters)
                try session.show(reply, as: ExplainReply.self) { $0.text(type) }
            }
        }
    }
}

extension Explain {
    /// We look ourselves: the daemon may not see other users' processes.
    private static func look(
        at process: Int32
    ) throws(Failure) -> (credentials: ProcessCredentials, unit: String?) {
        do {
            let path = try ControlGroups.path(ofProcess: process)
            return (try ProcessCredentials(of: process), path.flatMap(UnitName.ofControlGroup))
        } catch {
            throw Failure("process \(process) cannot be looked at: \(error)", ExitStatus.dataError)
        }
    }
}

struct ExplainParameters: Encodable {
    var type: String
    var onNet: Bool
    var user: UInt32?
    var groups: [UInt32]?
    var unit: String?

    private enum CodingKeys: String, CodingKey {
        case type, user, groups, unit
        case onNet = "on_net"
    }
}

/// What `Explain` of the interface replies.
struct ExplainReply: Decodable {
    /// `Consideration` of the interface.
    struct Consideration: Decodable {
        var source: String
        var interface: String?
        var verdict: String
        var address: String?
        var reason: String?

        var text: String {
            let place = interface.map { "\(source) on \($0)" } ?? source
            return switch verdict {
            case "other_types": "\(place) does not give this type"
            case "nothing": "\(place) gives nothing: \(RefusalReason(reason, errno: nil).words)"
            case "gives": "\(place) has \(address ?? "one")"
            case "asked": "\(place) would be asked"
            default: "\(place): \(verdict)"
            }
        }
    }

    var user: UInt32
    var groups: [UInt32]
    var unit: String?
    var rule: PolicyRule
    var addresses: Int?
    var sockets: Int?
    var outcome: String
    var address: String?
    var reason: String?
    var errno: Int32?
    var considered: [Consideration]

    func text(_ type: TypeName) -> String {
        var names = UserNames()
        let groups = groups.map(Account.name(ofGroup:)).joined(separator: " ")
        let who = [
            "user \(names.name(of: user))", "groups \(groups.isEmpty ? "none" : groups)",
            unit.map { "unit \($0)" },
        ]
        var lines = ["who      " + who.compactMap(\.self).joined(separator: ", "), "rule     \(ruleText)"]
        for (index, consideration) in considered.enumerated() {
            lines.append((index == 0 ? "sources  " : "         ") + consideration.text)
        }
        lines.append("answer   \(answer)")
        return ([type.rawValue] + lines.map { "  " + $0 }).joined(separator: "\n")
    }

    private var ruleText: String {
        let action = rule.action == "deny" ? "denies it" : "allows it"
        let counts = [
            Self.share(addresses, rule.maxAddresses, "addresses"),
            Self.share(sockets, rule.maxSockets, "sockets"),
        ].compactMap(\.self)
        return "\(rule.name) \(action)"
            + (counts.isEmpty ? "" : "; the user has \(counts.joined(separator: ", "))")
    }

    private static func share(_ count: Int?, _ most: Int?, _ things: String) -> String? {
        guard let count, let most else { return nil }
        return "\(count) of \(most) \(things)"
    }

    private var answer: String {
        switch outcome {
        case "shared": "\(address ?? ""), which is there and shared"
        case "made": "\(address ?? ""), which would be made"
        case "asked": "what the network gives"
        default: "refused: \(RefusalReason(reason, errno: errno).words)"
        }
    }
}
