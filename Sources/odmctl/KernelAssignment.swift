import Posix

/// A control group of its own for this process, and for what it becomes and starts, of which the kernel's programs know
/// the type.
struct KernelAssignment {
    private static let prefix = "odm-run-"

    let type: TypeName
    let options: Options
    /// The name of the group. A process keeps its number when it goes on as another program.
    private let name = "\(Self.prefix)\(Process.identifier)"

    /// Gives the group the type.
    ///
    /// Where systemd runs, the group is a scope, which systemd makes for this process and removes. It is made by going on
    /// as systemd-run(1), which goes on as this program again: then the group is there.
    func perform() throws(Failure) {
        let own = try Self.ownGroup()
        let isThere = own.split(separator: "/").last?.hasPrefix(name) ?? false
        if isThere { return try Self.assign(type, to: own, options) }
        try requireHooks()
        if Systemd.isRunning { try becomeScope() }
        let group = own == "/" ? "/\(name)" : "\(own)/\(name)"
        do { try ControlGroups.enter(group) } catch { throw Self.failure(error) }
        try Self.assign(type, to: group, options)
    }

    /// Before anything is made for nothing.
    private func requireHooks() throws(Failure) {
        let connection = try DaemonConnection(path: options.socket)
        let status = try connection.call("Status").parameters(as: StatusReply.self)
        guard status.hooks else { throw Failure(ErrorReply.hooksNotUsed, ExitStatus.configuration) }
    }

    private func becomeScope() throws(Failure) -> Never {
        let manager = Process.isRoots ? ["--system"] : ["--user"]
        let words =
            ["systemd-run"] + manager + ["--scope", "--quiet", "--collect", "--unit=\(name).scope", "--"]
        do {
            try Execution.becomeOurselves(by: words)
        } catch {
            throw Failure("\(error)", ExitStatus.unavailable)
        }
    }

    static func ownGroup() throws(Failure) -> String {
        do {
            if let path = try ControlGroups.unifiedPath(ofProcess: Process.identifier) { return path }
        } catch {
            throw failure(error)
        }
        throw Failure("this process is in no control group of version 2", ExitStatus.unavailable)
    }

    /// - Parameter type: nil for none any more.
    static func assign(_ type: TypeName?, to group: String, _ options: Options) throws(Failure) {
        let connection = try DaemonConnection(path: options.socket)
        _ = try connection.call("Assign", AssignParameters(controlGroup: group, type: type?.rawValue))
    }

    private static func failure(_ error: SystemError) -> Failure {
        let isDenied = error.errno == ErrorNumber.accessDenied || error.errno == ErrorNumber.notPermitted
        return Failure("\(error)", isDenied ? ExitStatus.permissionDenied : ExitStatus.systemError)
    }
}

struct AssignParameters: Encodable {
    var controlGroup: String
    var type: String?

    private enum CodingKeys: String, CodingKey {
        case controlGroup = "control_group"
        case type
    }
}
