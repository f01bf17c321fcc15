import Mobility

/// An error reply: the errors of org.varlink.service and those of org.odmd.Manager.
enum VarlinkError: Error, Equatable {
    // MARK: org.varlink.service

    case interfaceNotFound(String)
    case methodNotFound(String)
    case methodNotImplemented(String)
    case invalidParameter(String)
    /// The method has several replies, and the client does not take them.
    case expectedMore

    // MARK: org.odmd.Manager

    /// The client is neither root nor in the group that `AdminGroup=` names.
    case permissionDenied
    case requestRefused(Refusal)
    /// No address of ours.
    case addressNotFound(String)
    case processNotFound(Int32)
    /// Control groups get no addresses without hooks.
    case hooksNotUsed
    case controlGroupNotFound(String)
    /// What the kernel said.
    case assignmentRefused(String)
    /// What is wrong with the configuration, a line each.
    case configurationInvalid([String])

    /// The fully-qualified name.
    var name: String {
        switch self {
        case .interfaceNotFound: "org.varlink.service.InterfaceNotFound"
        case .methodNotFound: "org.varlink.service.MethodNotFound"
        case .methodNotImplemented: "org.varlink.service.MethodNotImplemented"
        case .invalidParameter: "org.varlink.service.InvalidParameter"
        case .expectedMore: "org.varlink.service.ExpectedMore"
        case .permissionDenied: "org.odmd.Manager.PermissionDenied"
        case .requestRefused: "org.odmd.Manager.RequestRefused"
        case .addressNotFound: "org.odmd.Manager.AddressNotFound"
        case .processNotFound: "org.odmd.Manager.ProcessNotFound"
        case .hooksNotUsed: "org.odmd.Manager.HooksNotUsed"
        case .controlGroupNotFound: "org.odmd.Manager.ControlGroupNotFound"
        case .assignmentRefused: "org.odmd.Manager.AssignmentRefused"
        case .configurationInvalid: "org.odmd.Manager.ConfigurationInvalid"
        }
    }
}

extension VarlinkError: Encodable {
    private enum Parameter: String, CodingKey {
        case interface, method, parameter, reason, errno, address, pid, errors
        case controlGroup = "control_group"
    }

    /// The parameters of the error.
    func encode(to encoder: any Encoder) throws {
        var parameters = encoder.container(keyedBy: Parameter.self)
        switch self {
        case .interfaceNotFound(let interface): try parameters.encode(interface, forKey: .interface)
        case .methodNotFound(let method): try parameters.encode(method, forKey: .method)
        case .methodNotImplemented(let method): try parameters.encode(method, forKey: .method)
        case .invalidParameter(let parameter): try parameters.encode(parameter, forKey: .parameter)
        case .expectedMore, .permissionDenied, .hooksNotUsed: break
        case .requestRefused(let refusal):
            try parameters.encode(refusal.reason, forKey: .reason)
            try parameters.encode(refusal.errno, forKey: .errno)
        case .processNotFound(let process): try parameters.encode(process, forKey: .pid)
        case .addressNotFound(let address): try parameters.encode(address, forKey: .address)
        case .controlGroupNotFound(let path): try parameters.encode(path, forKey: .controlGroup)
        case .assignmentRefused(let reason): try parameters.encode(reason, forKey: .reason)
        case .configurationInvalid(let errors): try parameters.encode(errors, forKey: .errors)
        }
    }
}
