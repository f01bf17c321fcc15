import Mobility
import Posix

/// Types for control groups.
extension ManagerService {
    func assign(_ call: VarlinkCall, _ peer: PeerCredentials) throws(VarlinkError) -> VarlinkReply {
        let parameters = try call.parameters(named: "control_group", "type")
        let path = try parameters.string("control_group")
        var type: ContinuityType?
        if let name = try parameters.optionalString("type") {
            type = ContinuityType(name: name)
            guard type != nil else { throw .invalidParameter("type") }
        }
        try requireChange(peer)
        do throws(AssignmentError) {
            try delegate.assign(type, to: path)
        } catch {
            throw VarlinkError(error)
        }
        return VarlinkReply()
    }

    func listAssignments(_ call: VarlinkCall) throws(VarlinkError) -> VarlinkReply {
        _ = try call.parameters()
        return VarlinkReply(
            list: ListReply("assignments", of: delegate.assignments(), row: AssignmentRow.init))
    }

    private struct AssignmentRow: Encodable {
        var controlGroup: String
        var type: String

        init(_ assignment: (controlGroup: String, type: ContinuityType)) {
            controlGroup = assignment.controlGroup
            type = assignment.type.description
        }

        enum CodingKeys: String, CodingKey {
            case controlGroup = "control_group"
            case type
        }
    }
}

extension VarlinkError {
    fileprivate init(_ error: AssignmentError) {
        self =
            switch error {
            case .noHooks: .hooksNotUsed
            case .noControlGroup(let path): .controlGroupNotFound(path)
            case .notShared(let type):
                .assignmentRefused(
                    "Share= of \(type) is not host, and the kernel gives everybody the same address")
            case .refused(let reason): .assignmentRefused(reason)
            }
    }
}
