import ArgumentParser
import Posix

struct Assign: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have the kernel give the processes of a control group addresses of a type.",
        discussion: """
            Of the group that odmctl is in, unless one is named by its path in /proc/PID/cgroup; for the groups \
            below it, too, as far as these have no type of their own. It ends with the group. Takes Hooks=yes and \
            odmd-hooks(8).
            """)

    @Option(help: "How durable the addresses are to be.")
    var type: TypeName?

    @Flag(help: "They get no addresses any more.")
    var none = false

    @Option(help: ArgumentHelp("The control group.", valueName: "path"))
    var controlGroup: String?

    @OptionGroup var options: Options

    func validate() throws {
        if none == (type != nil) { throw ValidationError("--type or --none: one of them") }
    }

    func run() throws {
        try Session.reporting { () throws(Failure) in
            let group = if let controlGroup { controlGroup } else { try Self.ownGroup() }
            try KernelAssignment.assign(type, to: group, options)
            if options.json {
                let members: [String: JsonValue] = ["control_group": .string(group)]
                Process.print(Json.line(JsonValue.object(members)))
            } else {
                let what = type.map { "gets \($0.rawValue) addresses" } ?? "gets no addresses any more"
                Process.print("\(group) \(what)")
            }
        }
    }

    /// What is run before a service that has a subtree of its own stands beside it (systemd.exec(5)): meant is the service.
    private static func ownGroup() throws(Failure) -> String {
        let own = try KernelAssignment.ownGroup()
        let control = "/.control"
        return own.hasSuffix(control) ? String(own.dropLast(control.count)) : own
    }
}
