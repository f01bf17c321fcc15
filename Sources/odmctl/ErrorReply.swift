import Posix

/// An error that odmd replied with.
struct ErrorReply: Decodable {
    struct Parameters: Decodable {
        var errno: Int32?
        var errors: [String]?
        var interface: String?
        var method: String?
        var parameter: String?
        var reason: String?
    }

    /// The fully-qualified name.
    var error: String
    var parameters: Parameters?

    /// What to tell the person at the terminal, and the exit code.
    var failure: Failure {
        switch error {
        case "org.odmd.Manager.PermissionDenied":
            Failure(
                "not permitted: this needs root or a member of the group odm, or of the one that AdminGroup= names",
                ExitStatus.permissionDenied)
        case "org.odmd.Manager.RequestRefused":
            refusal
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

    /// The words for `RefusalReason` of the interface.
    private var refusal: Failure {
        switch parameters?.reason {
        case "no_source": Failure("no source is configured for this type", ExitStatus.configuration)
        case "exhausted": Failure("every address of the sources is in use", ExitStatus.temporaryFailure)
        case "duplicate":
            Failure("a neighbour has each address that was tried", ExitStatus.temporaryFailure)
        case "no_network": Failure("the interface of the source is not there", ExitStatus.temporaryFailure)
        case "network_refused":
            Failure("the network has no address of this type to give", ExitStatus.temporaryFailure)
        case "too_many_addresses":
            Failure("too many addresses for one socket", ExitStatus.temporaryFailure)
        case "too_many_sockets":
            Failure("as many sockets have addresses as can be tracked", ExitStatus.temporaryFailure)
        case "socket_destroyed": Failure("the socket was closed", ExitStatus.temporaryFailure)
        case "timed_out": Failure("the network did not answer in time", ExitStatus.temporaryFailure)
        case "kernel":
            Failure(
                "the system refused the address: \(SystemError.text(parameters?.errno ?? 0))",
                ExitStatus.systemError)
        default: .surprise("refused, reason \(parameters?.reason ?? "not given")")
        }
    }
}
