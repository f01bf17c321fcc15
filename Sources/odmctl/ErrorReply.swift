import Posix

/// An error that odmd replied with.
struct ErrorReply: Decodable {
    struct Parameters: Decodable {
        var controlGroup: String?
        var errno: Int32?
        var errors: [String]?
        var interface: String?
        var method: String?
        var parameter: String?
        var reason: String?

        private enum CodingKeys: String, CodingKey {
            case errno, errors, interface, method, parameter, reason
            case controlGroup = "control_group"
        }
    }

    static let hooksNotUsed =
        "odmd uses no hooks in the kernel: set Hooks=yes in [Daemon], and systemctl enable --now odmd-hooks"

    /// The fully-qualified name.
    var error: String
    var parameters: Parameters?

    private var refusal: RefusalReason { RefusalReason(parameters?.reason, errno: parameters?.errno) }

    /// What to tell the person at the terminal, and the exit code.
    var failure: Failure {
        switch error {
        case "org.odmd.Manager.PermissionDenied":
            Failure(
                "not permitted: this needs root or a member of the group odm, or of the one that AdminGroup= names",
                ExitStatus.permissionDenied)
        case "org.odmd.Manager.RequestRefused":
            Failure(refusal.words, refusal.exitCode)
        case "org.odmd.Manager.ProcessNotFound":
            Failure("there is no such process, or it may not be looked at", ExitStatus.dataError)
        case "org.odmd.Manager.HooksNotUsed":
            Failure(Self.hooksNotUsed, ExitStatus.configuration)
        case "org.odmd.Manager.ControlGroupNotFound":
            Failure("there is no control group \(parameters?.controlGroup ?? "")", ExitStatus.dataError)
        case "org.odmd.Manager.AssignmentRefused":
            Failure(parameters?.reason ?? "the kernel refuses it", ExitStatus.systemError)
        case "org.odmd.Manager.AddressNotFound":
            Failure("odmd has no such address", ExitStatus.dataError)
        case "org.odmd.Manager.ConfigurationInvalid":
            Failure(
                ((parameters?.errors ?? []) + ["the configuration was not changed"]).joined(separator: "\n"),
                ExitStatus.configuration)
        case "org.varlink.service.InterfaceNotFound", "org.varlink.service.MethodNotFound",
            "org.varlink.service.MethodNotImplemented":
            .surprise("it does not know \(parameters?.method ?? parameters?.interface ?? "the method")")
        case "org.varlink.service.InvalidParameter" where parameters?.parameter == "address":
            Failure("not an IPv6 address", ExitStatus.usage)
        case "org.varlink.service.InvalidParameter":
            .surprise("it does not accept the parameter \(parameters?.parameter ?? "that it was sent")")
        default: .surprise(error)
        }
    }
}
