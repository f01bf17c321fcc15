internal import Mobility

/// Writing messages.
extension DHCPv6Message {
    /// The octets on the wire.
    ///
    /// - Parameter continuityOption: number of OPTION_IPv6_CONTINUITY_SERVICE. Without it the message says nothing of
    ///   the type.
    /// - Precondition: the message has less than 64 KiB.
    public func encoded(continuityOption: UInt16? = nil) -> [UInt8] {
        var writer = OctetWriter()
        writer.put(UInt32(kind.rawValue) << 24 | transactionIdentifier & 0xff_ffff)
        putHeader(&writer)
        if !userClasses.isEmpty {
            writer.putOption(.userClass) { body in
                for userClass in userClasses { body.counted { $0.put(userClass) } }
            }
        }
        writer.putContinuity(continuityCode, continuityOption)
        for association in associations { writer.put(association, continuityOption) }
        return writer.octets
    }

    private func putHeader(_ writer: inout OctetWriter) {
        if let clientIdentifier { writer.putOption(.clientIdentifier) { $0.put(clientIdentifier) } }
        if let serverIdentifier { writer.putOption(.serverIdentifier) { $0.put(serverIdentifier) } }
        if let elapsedTime { writer.putOption(.elapsedTime) { $0.put(elapsedTime) } }
        if let preference { writer.putOption(.preference) { $0.put(preference) } }
        if let status { writer.put(status) }
        if isRapidCommit { writer.putOption(.rapidCommit) { _ in } }
        if let maxSolicitTimeoutSeconds {
            writer.putOption(.maxSolicitTimeout) { $0.put(maxSolicitTimeoutSeconds) }
        }
        guard !optionRequest.isEmpty else { return }
        writer.putOption(.optionRequest) { body in
            for number in optionRequest { body.put(number) }
        }
    }
}

extension OctetWriter {
    fileprivate mutating func putOption(_ code: DHCPv6OptionCode, _ body: (inout OctetWriter) -> Void) {
        put(code.rawValue)
        counted(body)
    }

    fileprivate mutating func put(_ status: DHCPv6Status) {
        putOption(.status) { body in
            body.put(status.code.number)
            body.put(Array(status.text.utf8))
        }
    }

    fileprivate mutating func putContinuity(_ code: UInt8?, _ option: UInt16?) {
        guard let code, let option else { return }
        put(option)
        counted { $0.put(code) }
    }

    fileprivate mutating func put(_ association: IdentityAssociation, _ continuityOption: UInt16?) {
        putOption(association.content.optionCode) { body in
            body.put(association.identifier)
            body.put(association.renewalSeconds)
            body.put(association.rebindingSeconds)
            for assignment in association.assignments {
                body.put(assignment, in: association.content, continuityOption)
            }
            if let status = association.status { body.put(status) }
        }
    }

    private mutating func put(
        _ assignment: IdentityAssociation.Assignment, in content: IdentityAssociation.Content,
        _ continuityOption: UInt16?
    ) {
        putOption(content.assignmentCode) { body in
            switch content {
            case .prefixDelegation:
                body.put(assignment.preferredSeconds)
                body.put(assignment.validSeconds)
                body.put(assignment.prefix.length)
                body.put(assignment.prefix.address)
            case .nonTemporaryAddress:
                body.put(assignment.prefix.address)
                body.put(assignment.preferredSeconds)
                body.put(assignment.validSeconds)
            }
            if let status = assignment.status { body.put(status) }
            body.putContinuity(assignment.continuityCode, continuityOption)
        }
    }
}
