public import Mobility

/// Keeping a lease: Renew and Rebind (RFC 8415, sections 18.2.4, 18.2.5 and 18.2.12), and losing it.
extension DHCPv6Association {
    /// Goes on with a stored lease, after a restart of the daemon or of the machine: asks whether it still holds. If
    /// nobody answers it holds as long as it is valid.
    ///
    /// The question is delayed by up to a second, at random, since many hosts may have started at once (CNF_MAX_DELAY;
    /// RFC 8415, section 18.2.3).
    ///
    /// - Parameter lease: with times as of `now` (`aged`).
    /// - Precondition: nothing has been asked yet, and the lease has the association's content, identifier and type.
    public mutating func resume(_ lease: DHCPv6Lease, at now: Instant, _ outputs: inout [Output]) {
        precondition(isIdle, "an association begins once")
        precondition(lease.content == parameters.content && lease.identifier == parameters.identifier)
        precondition(lease.type == parameters.type)
        self.lease = lease
        if let expiry = lease.expiry, expiry <= now { return lose(.expired, instead: nil, at: now, &outputs) }
        let delay = Duration.microseconds(random.next(in: 0...1_000_000))
        confirm(lease, from: now + delay, at: now, &outputs)
    }

    /// Asks, after a move, whether the lease holds on this network: at once, because connections stand still until it
    /// is known. A lease that is still being asked for is asked for anew.
    public mutating func rebind(at now: Instant, _ outputs: inout [Output]) {
        if let lease { return confirm(lease, from: now, at: now, &outputs) }
        switch exchange?.kind {
        case .solicit, .request: if !isUnwanted { beginSolicit(at: now, &outputs) }
        case .renew, .rebind, .release, .decline, nil: break
        }
    }

    private mutating func confirm(
        _ lease: DHCPv6Lease, from start: Instant, at now: Instant, _ outputs: inout [Output]
    ) {
        begin(
            .rebind, lease.prefix, server: nil, .rebindAfterMove, from: start, at: now, &outputs)
    }

    /// Does what is due for the lease: nothing, Renew, or Rebind.
    mutating func keep(at now: Instant, _ outputs: inout [Output]) {
        exchange = nil
        guard let lease else { return }
        let times = LeaseTimes(lease)
        if let rebinding = times.rebinding, rebinding <= now {
            begin(
                .rebind, lease.prefix, server: nil, .rebind, from: now, until: times.expiry, at: now, &outputs
            )
        } else if let renewal = times.renewal, renewal <= now {
            begin(
                .renew, lease.prefix, server: lease.serverIdentifier, .renew, from: now,
                until: times.rebinding, at: now, &outputs)
        }
    }

    /// A Reply to Renew or Rebind.
    mutating func renewalAnswered(
        _ answer: DHCPv6Answer, _ lease: DHCPv6Lease, at now: Instant, _ outputs: inout [Output]
    ) -> DHCPv6Reception {
        switch answer.continuation(of: lease) {
        case .nothing(let reason): return .ignored(reason)
        case .renewed(let renewed): prolong(renewed, &outputs)
        case .lost(let loss, let instead): lose(loss, instead: instead, at: now, &outputs)
        case .forgotten:
            // RFC 8415, section 18.2.10.1: it is asked to give the same again.
            request(lease.prefix, from: answer.message.serverIdentifier ?? [], at: now, &outputs)
        }
        return .answer
    }

    /// A server that had forgotten the lease has given one.
    mutating func rebound(
        _ new: DHCPv6Lease, instead old: DHCPv6Lease, at now: Instant, _ outputs: inout [Output]
    ) {
        guard new.prefix != old.prefix else { return prolong(new, &outputs) }
        lose(.replaced(by: new.prefix), instead: new, at: now, &outputs)
    }

    private mutating func prolong(_ lease: DHCPv6Lease, _ outputs: inout [Output]) {
        self.lease = lease
        exchange = nil
        outputs.append(.changed(lease))
    }

    /// What a server has given instead is given back: who needs a prefix asks for it, in an association of its own.
    mutating func lose(
        _ loss: DHCPv6Loss, instead: DHCPv6Lease?, at now: Instant, _ outputs: inout [Output]
    ) {
        outputs.append(.lost(loss))
        if let instead { giveBack(instead, at: now, &outputs) } else { end(&outputs) }
    }
}
