import Mobility

/// A prefix that a helper program has given, and what it takes to go on with it, also in a later run of the daemon.
struct HelperLease: Equatable {
    var lease: LeasedPrefix
    /// What the program knows the prefix by (`HelperQuestion.identifier`).
    var identifier: String
    var token: String?
    /// When it is ours no longer unless it is renewed; nil for never.
    var validUntil: Instant?
    /// When to renew it. A lease of an earlier run has none: half of what is left is chosen.
    var renewAt: Instant?

    init(
        _ lease: LeasedPrefix, identifier: String, token: String? = nil, validUntil: Instant? = nil,
        renewAt: Instant? = nil
    ) {
        self.lease = lease
        self.identifier = identifier
        self.token = token
        self.validUntil = validUntil
        self.renewAt = renewAt
    }

    /// What a program gave to somebody who asked.
    init(_ grant: HelperGrant, to question: HelperQuestion, at now: Instant) {
        lease = LeasedPrefix(
            id: question.id, source: question.source, type: question.type, prefix: grant.prefix,
            interface: grant.interface ?? question.interface, isOnNet: question.isOnNet)
        identifier = question.identifier
        renew(with: grant, at: now)
    }

    /// Takes on what the program gave for the same prefix.
    mutating func renew(with grant: HelperGrant, at now: Instant) {
        token = grant.token ?? token
        validUntil = grant.validSeconds.map { now + .seconds(Int64($0)) }
        // As RFC 8415, section 21.21, recommends for T1.
        renewAt = grant.validSeconds.map { now + .seconds(Int64(grant.preferredSeconds ?? $0)) / 2 }
    }

    /// When to try again after a renewal that failed: half of what is left, as RFC 8415 has it for Renew.
    mutating func renewLater(_ leastTime: Duration, at now: Instant) {
        renewAt = validUntil.map { now + max($0.since(now) / 2, leastTime) }
    }

    /// Whatever is asked about it.
    func question(_ operation: HelperQuestion.Operation, timeout: Duration) -> HelperQuestion {
        HelperQuestion(
            operation: operation, id: lease.id, identifier: identifier, source: lease.source,
            type: lease.type,
            isOnNet: lease.isOnNet, interface: lease.interface, prefix: lease.prefix, token: token,
            timeout: timeout)
    }
}
