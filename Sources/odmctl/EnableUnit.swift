import ArgumentParser
import Posix

struct EnableUnit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have a systemd service that knows nothing of odmd run with addresses of a type.",
        discussion: """
            Writes a file 50-odm.conf beside the unit, which has the service started as "odmctl run" does, from the next \
            time on that it starts. The unit itself stays as it is. Again with other options, it replaces that file.
            """)

    @Argument(
        help: ArgumentHelp(
            "The service; one that ends in @ stands for all its instances.", valueName: "unit"),
        completion: Candidates.services, transform: ServiceName.init)
    var service: ServiceName

    @OptionGroup var wishes: WishOptions

    @Flag(help: "Until the next boot only.")
    var runtime = false

    @OptionGroup var options: Options

    func run() throws {
        try Session.reporting { () throws(Failure) in
            let dropIn = DropIn(of: service, in: runtime ? .untilBoot : .lasting)
            _ = try dropIn.isThere()
            try refuseIfOverruled()
            let properties = Systemd.isRunning ? try Systemd.properties(of: service) : nil
            let warnings = try warnings(properties)
            try dropIn.write(DropIn.text(for: service, try assignment(properties)))
            for warning in warnings { Session.warn("\(service.text): \(warning)") }
            if Systemd.isRunning { try Systemd.reload() }
            report(dropIn, warnings)
        }
    }

    /// Of two files of one name, that in /etc counts.
    private func refuseIfOverruled() throws(Failure) {
        let lasting = DropIn(of: service, in: .lasting)
        guard runtime, try lasting.isThere() else { return }
        throw Failure(
            "\(lasting.path) is there and would count; odmctl disable-unit \(service.text) removes it",
            ExitStatus.dataError)
    }

    private func warnings(_ properties: ServiceProperties?) throws(Failure) -> [String] {
        // The kernel's programs reach every service.
        if wishes.kernel { return [] }
        guard let properties else {
            return ["systemd does not run here, so the unit was not looked at"]
        }
        let obstacles = properties.obstacles
        if wishes.strict, !obstacles.isEmpty {
            throw Failure(
                (obstacles.map { "\(service.text): \($0)" } + ["with --strict nothing is changed"]).joined(
                    separator: "\n"), ExitStatus.configuration)
        }
        return obstacles
    }

    /// The line that makes the difference.
    private func assignment(_ properties: ServiceProperties?) throws(Failure) -> String {
        if wishes.kernel { return try DropIn.assigning(wishes.type, isStrict: wishes.strict) }
        let library = try PreloadLibrary.find()
        let others = properties?.variable(PreloadLibrary.variable)
        return DropIn.setting([
            (PreloadLibrary.variable, PreloadLibrary.value(library, before: others)),
            ("ODM_RUN", wishes.words),
        ])
    }

    private func report(_ dropIn: DropIn, _ warnings: [String]) {
        if options.json {
            let members: [String: JsonValue] = [
                "unit": .string(service.text), "file": .string(dropIn.path),
                "warnings": .array(warnings.map(JsonValue.string)),
            ]
            Process.print(Json.line(JsonValue.object(members)))
        } else {
            Process.print(
                "\(dropIn.path) written\nIt counts from the next start on: systemctl restart \(service.restartable)"
            )
        }
    }
}
