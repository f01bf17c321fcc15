import ArgumentParser
import Posix

struct DisableUnit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take back what enable-unit did.",
        discussion: """
            Removes the file that enable-unit wrote, and nothing else. What runs goes on as it is. That there is no such \
            file is no failure.
            """)

    @Argument(
        help: ArgumentHelp("The service, as it was named to enable-unit.", valueName: "unit"),
        completion: Candidates.services, transform: ServiceName.init)
    var service: ServiceName

    @OptionGroup var options: Options

    func run() throws {
        try Session.reporting { () throws(Failure) in
            var dropIns: [DropIn] = []
            for place in DropIn.Place.allCases {
                let dropIn = DropIn(of: service, in: place)
                if try dropIn.isThere() { dropIns.append(dropIn) }
            }
            for dropIn in dropIns { try dropIn.remove() }
            if !dropIns.isEmpty, Systemd.isRunning { try Systemd.reload() }
            report(dropIns.map(\.path))
        }
    }

    private func report(_ paths: [String]) {
        if options.json {
            let members: [String: JsonValue] = [
                "unit": .string(service.text), "removed": .array(paths.map(JsonValue.string)),
            ]
            Process.print(Json.line(JsonValue.object(members)))
        } else if paths.isEmpty {
            Process.print("nothing to remove: enable-unit has written nothing for \(service.text)")
        } else {
            let lines = paths.map { "\($0) removed" }
            Process.print(
                (lines + ["It counts from the next start on: systemctl restart \(service.restartable)"])
                    .joined(separator: "\n"))
        }
    }
}
