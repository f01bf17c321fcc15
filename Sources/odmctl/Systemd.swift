import Posix

/// systemd, asked by way of systemctl(1).
enum Systemd {
    /// Whether it runs this system (sd_booted(3)); where an image is made it does not.
    static var isRunning: Bool { File.isThere("/run/systemd/system") }

    /// What systemd knows about a service.
    ///
    /// - Throws: if it does not answer, or has no such unit.
    static func properties(of service: ServiceName) throws(Failure) -> ServiceProperties {
        let names = ServiceProperties.names.joined(separator: ",")
        let text = try run(["systemctl", "show", "--property=\(names)", "--", service.lookable])
        let properties = ServiceProperties(text)
        switch properties["LoadState"] {
        case "loaded": return properties
        case "not-found", nil: throw Failure("there is no unit \(service.text)", ExitStatus.dataError)
        case "masked": throw Failure("\(service.text) is masked", ExitStatus.dataError)
        case let state?:
            throw Failure("systemd could not load \(service.text) (\(state))", ExitStatus.dataError)
        }
    }

    /// Has it read its units again.
    static func reload() throws(Failure) { _ = try run(["systemctl", "daemon-reload"]) }

    /// The services that there are files of; none if it does not answer.
    static var services: [String] {
        let words = [
            "systemctl", "list-unit-files", "--type=service", "--no-legend", "--no-pager", "--plain",
        ]
        let text = (try? Command.run(words, isQuiet: true))?.output ?? ""
        return text.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
    }

    private static func run(_ words: [String]) throws(Failure) -> String {
        let command = words.prefix(2).joined(separator: " ")
        do throws(SystemError) {
            let outcome = try Command.run(words)
            if outcome.status == 0 { return outcome.output }
        } catch {
            throw Failure("\(error)", ExitStatus.unavailable)
        }
        throw Failure("\(command) failed", ExitStatus.unavailable)
    }
}
