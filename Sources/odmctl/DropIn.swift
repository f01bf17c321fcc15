import Posix

/// The file that gives a service addresses, beside its unit, which is never edited (systemd.unit(5)).
struct DropIn {
    enum Place: String, CaseIterable {
        case lasting = "/etc/systemd/system"
        /// Until the next boot.
        case untilBoot = "/run/systemd/system"
    }

    private static let fileName = "50-odm.conf"
    private static let mark = "# Written by odmctl enable-unit"
    /// More than any of ours has.
    private static let sizeLimit = 1 << 16

    let directory: String
    var path: String { "\(directory)/\(Self.fileName)" }

    init(of service: ServiceName, in place: Place) { directory = "\(place.rawValue)/\(service.text).d" }

    /// What is in it.
    ///
    /// - Parameter line: what makes the difference.
    static func text(for service: ServiceName, _ line: String) -> String {
        """
        \(mark), which replaces it; odmctl disable-unit \(service.text) removes it.
        [Service]
        \(line)

        """
    }

    /// The line that has the service started with an environment, of values without line ends.
    static func setting(_ variables: [(name: String, value: String)]) -> String {
        let assignments = variables.map { UnitWords.quoted("\($0.name)=\($0.value)") }
        return "Environment=\(assignments.joined(separator: " "))"
    }

    /// The line that has the service's control group given a type before it starts: by root, outside of its sandbox (+),
    /// and if that fails, it starts all the same (-) or not.
    static func assigning(_ type: TypeName, isStrict: Bool) throws(Failure) -> String {
        guard let path = File.target(of: "/proc/self/exe") else {
            throw Failure("it cannot be told where odmctl is", ExitStatus.systemError)
        }
        return "ExecStartPre=\(isStrict ? "" : "-")+\(UnitWords.quoted(path)) assign --type \(type.rawValue)"
    }

    /// Whether it is there.
    ///
    /// - Throws: if there is a file that somebody else wrote.
    func isThere() throws(Failure) -> Bool {
        do {
            let text = String(decoding: try File.read(path, limit: Self.sizeLimit), as: UTF8.self)
            if text.hasPrefix(Self.mark) { return true }
        } catch  where error.errno == ErrorNumber.noEntry {
            return false
        } catch {
            throw Self.failure(error)
        }
        throw Failure("\(path) was not written by odmctl, which leaves it alone", ExitStatus.dataError)
    }

    func write(_ text: String) throws(Failure) {
        do {
            try File.makeDirectories(directory, mode: 0o755)
            try File.replace(path, with: Array(text.utf8), mode: 0o644)
        } catch {
            File.removeEmptyDirectory(directory)
            throw Self.failure(error)
        }
    }

    /// Removes it, and the directory if there is nothing else in it.
    func remove() throws(Failure) {
        do {
            try File.remove(path)
        } catch {
            throw Self.failure(error)
        }
        File.removeEmptyDirectory(directory)
    }

    private static func failure(_ error: SystemError) -> Failure {
        let isDenied = error.errno == ErrorNumber.accessDenied || error.errno == ErrorNumber.notPermitted
        return Failure("\(error)", isDenied ? ExitStatus.permissionDenied : ExitStatus.systemError)
    }
}
