import ArgumentParser

struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the configuration that is in force, and the line that each value comes from.",
        discussion: """
            What the files say by now is not looked at: odmd --check-config does that, and odmctl reload puts it in \
            force. Commands of helper programs are shown to those only who may reload.
            """)

    @Flag(help: "Leave out what has its default.")
    var changed = false

    @OptionGroup var options: Options

    func run() throws {
        try Session.run(options) { (session) throws(Failure) in
            let reply = try session.connection.call("GetConfiguration")
            if session.printsJson, changed {
                let json = try reply.json(ofList: ConfigReply.self) { $0.file != nil }
                session.show(json)
                return
            }
            try session.show(reply, as: ConfigReply.self) { $0.text(isChangedOnly: changed) }
        }
    }
}

/// What `GetConfiguration` of the interface replies.
struct ConfigReply: ListReply {
    struct Setting: Decodable {
        var section: String
        var key: String
        var value: String?
        var file: String?
        var line: Int?

        var origin: String { file.map { file in line.map { "\(file):\($0)" } ?? file } ?? "default" }
        var assignment: String { "\(key)=\(value ?? "(not shown)")" }
    }

    static let name = "settings"
    var settings: [Setting]
    var rows: [Setting] {
        get { settings }
        set { settings = newValue }
    }

    var table: Table {
        Table(
            columns: [.init(title: "SETTING"), .init(title: "FROM")],
            rows: settings.map { ["[\($0.section)] \($0.assignment)", $0.origin] })
    }

    /// Section by section, as a file would have it, with where each value is from beside it.
    func text(isChangedOnly: Bool) -> String {
        let shown = settings.filter { !isChangedOnly || $0.file != nil }
        if shown.isEmpty { return "Everything has its default." }
        let longest = 40
        let width = shown.map(\.assignment.count).filter { $0 <= longest }.max() ?? 0
        var lines: [String] = []
        var section: String?
        for setting in shown {
            if setting.section != section {
                if section != nil { lines.append("") }
                lines.append("[\(setting.section)]")
                section = setting.section
            }
            let padding = String(repeating: " ", count: max(0, width - setting.assignment.count))
            lines.append("\(setting.assignment)\(padding)  \(setting.origin)")
        }
        return lines.joined(separator: "\n")
    }
}
