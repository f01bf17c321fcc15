import Mobility

// Prefixes that are held for a time.

extension HelperLedger {
    mutating func adopt(_ lease: HelperLease, at now: Instant) {
        precondition(standings[lease.lease.id] == nil, "a lease is adopted once")
        var lease = lease
        if lease.renewAt == nil { lease.renewLater(.zero, at: now) }
        standings[lease.lease.id] = .held(lease)
    }

    mutating func renewOrExpire(_ lease: HelperLease, at now: Instant, _ actions: inout [Action]) {
        if let end = lease.validUntil, end <= now { return expire(lease, &actions) }
        standings[lease.lease.id] = .renewing(lease)
        actions.append(.ask(lease.question(.renew, timeout: limits.timeout)))
    }

    /// Its time is over: there is nothing to give back. If it is just being renewed, that comes too late.
    mutating func expire(_ lease: HelperLease, _ actions: inout [Action]) {
        let id = lease.lease.id
        if case .renewing = standings[id] {
            standings[id] = .unwanted(lease.question(.renew, timeout: limits.timeout))
            actions.append(.stop(id))
        } else {
            standings[id] = nil
        }
        withdraw(lease, "its time is over, and the helper did not renew it", &actions)
    }

    mutating func endRenewal(
        _ lease: HelperLease, _ verdict: HelperVerdict, at now: Instant, _ actions: inout [Action]
    ) {
        switch verdict {
        case .granted(let grant) where grant.prefix == lease.lease.prefix:
            var renewed = lease
            renewed.renew(with: grant, at: now)
            standings[lease.lease.id] = .held(renewed)
            actions.append(.keep(renewed))
        case .granted(let grant):
            withdraw(lease, "the helper gave \(grant.prefix) in its place", &actions)
            var question = lease.question(.release, timeout: limits.timeout)
            (question.prefix, question.token) = (grant.prefix, grant.token ?? lease.token)
            tellRelease(question, tries: 1, &actions)
        case .refused(let reason):
            standings[lease.lease.id] = nil
            withdraw(lease, reason, &actions)
        case .notNow(let reason), .failed(let reason), .notDone(let reason):
            var lease = lease
            lease.renewLater(limits.timeBetweenRenewals, at: now)
            standings[lease.lease.id] = .held(lease)
            actions.append(.warn("renewing \(lease.lease.prefix): \(reason)"))
        case .done: preconditionFailure("an answer to renew is read")
        }
    }

    private func withdraw(_ lease: HelperLease, _ reason: String, _ actions: inout [Action]) {
        let id = lease.lease.id
        actions += [.forget(id), .tell(.withdrawn(id, explanation: reason))]
    }
}
