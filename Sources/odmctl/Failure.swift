import Posix

/// Why a command did not do what it was asked to.
struct Failure: Error, Equatable {
    /// For the person at the terminal; several lines if several things are wrong.
    var message: String
    /// One of `ExitStatus`.
    var exitCode: Int32

    init(_ message: String, _ exitCode: Int32) {
        self.message = message
        self.exitCode = exitCode
    }
}

extension Failure {
    /// The failure that connecting to `path` ended with.
    init(connectingTo path: String, _ error: SystemError) {
        let advice = "(start it: systemctl start odmd)"
        switch error.errno {
        case ErrorNumber.noEntry:
            self.init("odmd is not running: no socket at \(path) \(advice)", ExitStatus.unavailable)
        case ErrorNumber.connectionRefused:
            self.init("odmd is not running: nobody listens at \(path) \(advice)", ExitStatus.unavailable)
        case ErrorNumber.accessDenied:
            self.init("no permission to connect to \(path)", ExitStatus.permissionDenied)
        default:
            self.init(error.description, ExitStatus.unavailable)
        }
    }

    /// Whether it may pass by itself: odmd may be started again, and have room again.
    var mayPass: Bool { exitCode == ExitStatus.unavailable || exitCode == ExitStatus.temporaryFailure }

    /// What is printed: the name of the program before each line.
    func text(hasColours: Bool) -> String {
        let name = Self.programName(hasColours: hasColours)
        return message.split(separator: "\n").map { "\(name) \($0)" }.joined(separator: "\n")
    }

    static func programName(hasColours: Bool) -> String {
        hasColours ? Colour.boldRed.applied(to: "odmctl:") : "odmctl:"
    }

    /// odmd ended the connection instead of answering; it does so when too many clients are connected.
    static let hungUp = Failure(
        "odmd ended the connection: it stops, or has too many clients; try again",
        ExitStatus.temporaryFailure)

    /// There will be no more events.
    static let ended = Failure(
        "odmd ended the connection: it stops, has too many clients, or had to wait for us; no more events",
        ExitStatus.unavailable)

    static func surprise(_ what: String) -> Failure {
        Failure("odmd answered something unexpected: \(what)", ExitStatus.software)
    }
}
