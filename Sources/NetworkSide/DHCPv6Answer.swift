internal import Mobility

/// What a server's message means for one association.
struct DHCPv6Answer {
    let message: DHCPv6Message
    let parameters: DHCPv6Association.Parameters
    let receivedAt: Instant

    typealias Assignment = IdentityAssociation.Assignment

    /// The first association is ours that has our number and kind.
    private var association: IdentityAssociation? {
        message.associations.first {
            $0.content == parameters.content && $0.identifier == parameters.identifier
        }
    }

    // MARK: For who has nothing yet

    enum Offer {
        case lease(DHCPv6Lease)
        case refusal(DHCPv6Failure)
        case nothing(DHCPv6Reception.Reason)
    }

    /// An Advertise, or a Reply to a Request or to a Solicit. Of several prefixes one is taken: `wanted` if it is among
    /// them, else the first.
    func offer(preferring wanted: IPv6Prefix?) -> Offer {
        if let status = Self.failure(message.status) { return .refusal(.status(status)) }
        guard let association else { return .nothing(.noAssociation) }
        if let status = Self.failure(association.status) { return .refusal(.status(status)) }
        guard association.areTimesInOrder else { return .nothing(.timesOutOfOrder) }
        let usable = association.assignments.filter { objection(to: $0) == nil }
        guard let best = usable.first(where: { $0.prefix == wanted }) ?? usable.first else {
            let objections = association.assignments.lazy.compactMap { objection(to: $0) }
            return .refusal(objections.first ?? .nothingOffered)
        }
        return .lease(lease(best, association))
    }

    /// Nil if the prefix may be used.
    private func objection(to assignment: Assignment) -> DHCPv6Failure? {
        if let status = Self.failure(assignment.status) { return .status(status) }
        guard assignment.validSeconds > 0, assignment.areLifetimesInOrder else { return .nothingOffered }
        if let type = otherType(of: assignment) { return .otherType(type) }
        return assignment.prefix.isAssignable ? nil : .unusable(assignment.prefix)
    }

    /// The type of a prefix that is not the one asked for. Reserved numbers count as no option, and without the
    /// option the server does not know it. Neither can be told where the option's number is not configured.
    private func otherType(of assignment: Assignment) -> ContinuityType? {
        guard let type = assignment.continuityCode.flatMap(ContinuityType.init(networkCode:)) else {
            return nil
        }
        return type == parameters.type ? nil : type
    }

    // MARK: For who has a lease

    enum Continuation {
        case renewed(DHCPv6Lease)
        /// `instead`: what the server has given in its place.
        case lost(DHCPv6Loss, instead: DHCPv6Lease?)
        /// The server does not know the lease.
        case forgotten
        /// As if there had been no answer.
        case nothing(DHCPv6Reception.Reason)
    }

    /// A Reply to a Renew or to a Rebind. What it says nothing of stays as it is (RFC 8415, section 18.2.10.1).
    func continuation(of lease: DHCPv6Lease) -> Continuation {
        if let end = Self.end(message.status) { return end }
        guard let association else { return .nothing(.noAssociation) }
        if let end = Self.end(association.status) { return end }
        guard association.areTimesInOrder else { return .nothing(.timesOutOfOrder) }
        guard let assignment = association.assignments.first(where: { $0.prefix == lease.prefix }) else {
            return .nothing(.noAssignment)
        }
        return continuation(assignment, association)
    }

    private func continuation(_ assignment: Assignment, _ association: IdentityAssociation) -> Continuation {
        if let end = Self.end(assignment.status) { return end }
        if assignment.validSeconds == 0 { return .lost(.withdrawn, instead: replacement(in: association)) }
        guard assignment.areLifetimesInOrder else { return .nothing(.noAssignment) }
        if let type = otherType(of: assignment) { return .nothing(.notProlonged(.otherType(type))) }
        return .renewed(self.lease(assignment, association))
    }

    private func replacement(in association: IdentityAssociation) -> DHCPv6Lease? {
        association.assignments.first { objection(to: $0) == nil }.map { self.lease($0, association) }
    }

    /// What a failure means for a lease, wherever in the message it stands; nil without a failure.
    ///
    /// A server that cannot prolong a lease has not ended it: another may be able to, or the same one later.
    private static func end(_ status: DHCPv6Status?) -> Continuation? {
        guard let status = failure(status) else { return nil }
        switch status.code {
        case .noBinding: return .forgotten
        case .notOnLink: return .lost(.notOnLink, instead: nil)
        case .success, .unspecifiedFailure, .noAddressesAvailable, .useMulticast, .noPrefixAvailable, .other:
            return .nothing(.notProlonged(.status(status)))
        }
    }

    // MARK: For both

    private static func failure(_ status: DHCPv6Status?) -> DHCPv6Status? {
        status.flatMap { $0.isSuccess ? nil : $0 }
    }

    private func lease(_ assignment: Assignment, _ association: IdentityAssociation) -> DHCPv6Lease {
        DHCPv6Lease(
            content: parameters.content, identifier: parameters.identifier, type: parameters.type,
            prefix: assignment.prefix, serverIdentifier: message.serverIdentifier ?? [],
            renewalSeconds: association.renewalSeconds, rebindingSeconds: association.rebindingSeconds,
            preferredSeconds: assignment.preferredSeconds, validSeconds: assignment.validSeconds,
            receivedAt: receivedAt)
    }
}

extension IdentityAssociation {
    /// An association with T1 after T2 counts as not there (RFC 8415, sections 21.4 and 21.21).
    fileprivate var areTimesInOrder: Bool {
        renewalSeconds == 0 || rebindingSeconds == 0 || renewalSeconds <= rebindingSeconds
    }
}

extension IdentityAssociation.Assignment {
    /// A prefix that is preferred for longer than it is valid counts as not there (RFC 8415, sections 21.6, 21.22).
    fileprivate var areLifetimesInOrder: Bool { preferredSeconds <= validSeconds }
}
