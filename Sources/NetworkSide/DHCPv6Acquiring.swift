public import Mobility

/// Getting a lease: Solicit and Advertise, Request and Reply (RFC 8415, sections 18.2.1, 18.2.2, 18.2.9, 18.2.10).
extension DHCPv6Association {
    /// Asks all servers, until one of them answers or the lease is released: silence is not the end.
    ///
    /// The first Solicit is not delayed. SOL_MAX_DELAY is for hosts that all start when the power comes back; this one
    /// asks because a program does, and the program waits.
    ///
    /// - Precondition: nothing has been asked yet.
    public mutating func solicit(at now: Instant, _ outputs: inout [Output]) {
        precondition(isIdle, "an association begins once")
        beginSolicit(at: now, &outputs)
    }

    mutating func beginSolicit(at now: Instant, _ outputs: inout [Output]) {
        choice = AdvertiseChoice()
        begin(.solicit, nil, server: nil, solicitLimits, from: now, at: now, &outputs)
    }

    // MARK: Answers to Solicit

    mutating func advertised(
        _ answer: DHCPv6Answer, at now: Instant, _ outputs: inout [Output]
    ) -> DHCPv6Reception {
        adoptMaxSolicitTimeout(answer.message)
        guard !isUnwanted else { return .ignored(.notAsked) }
        let preference = answer.message.preference ?? 0
        switch answer.offer(preferring: parameters.hint) {
        case .nothing(let reason): return .ignored(reason)
        case .refusal(let failure): return refused(failure, at: now, &outputs)
        case .lease(let lease):
            choice.add(lease, preference: preference)
            if preference == DHCPv6Message.highestPreference || hasCollected {
                requestBest(at: now, &outputs)
            }
            return .offer(lease.prefix)
        }
    }

    /// A Reply to Solicit: the server has committed itself at once (Rapid Commit).
    mutating func committed(
        _ answer: DHCPv6Answer, at now: Instant, _ outputs: inout [Output]
    ) -> DHCPv6Reception {
        adoptMaxSolicitTimeout(answer.message)
        guard answer.message.isRapidCommit else { return .ignored(.notCommitted) }
        switch answer.offer(preferring: parameters.hint) {
        case .nothing(let reason): return .ignored(reason)
        case .refusal(let failure): return refused(failure, at: now, &outputs)
        case .lease(let lease) where isUnwanted: giveBack(lease, at: now, &outputs)
        case .lease(let lease): bind(lease, &outputs)
        }
        return .answer
    }

    /// Another server may still offer something.
    private mutating func refused(
        _ failure: DHCPv6Failure, at now: Instant, _ outputs: inout [Output]
    ) -> DHCPv6Reception {
        choice.add(failure)
        if hasCollected { _ = answerCollected(at: now, &outputs) }
        return .refusal(failure)
    }

    /// The first time-out of Solicit, in which answers are collected, is over: the next one decides.
    private var hasCollected: Bool { exchange.map { $0.timer.transmissions > 1 } ?? false }

    /// The time in which answers are collected is over.
    ///
    /// - Returns: false if there is none.
    mutating func answerCollected(at now: Instant, _ outputs: inout [Output]) -> Bool {
        guard !isUnwanted, !choice.isEmpty || choice.refusal != nil else { return false }
        requestBest(at: now, &outputs)
        return true
    }

    /// Values out of range are ignored (RFC 8415, section 21.24).
    private mutating func adoptMaxSolicitTimeout(_ message: DHCPv6Message) {
        guard let seconds = message.maxSolicitTimeoutSeconds, 60...86_400 ~= seconds else { return }
        solicitLimits.longest = .seconds(seconds)
        exchange?.timer.limits.longest = .seconds(seconds)
    }

    // MARK: Request

    /// Accepts the best offer that is left. If there is none, the servers that refused have the last word, and with
    /// servers that fell silent everything begins anew.
    private mutating func requestBest(at now: Instant, _ outputs: inout [Output]) {
        if let offer = choice.takeBest() {
            request(offer.prefix, from: offer.serverIdentifier, at: now, &outputs)
        } else if let refusal = choice.refusal {
            outputs.append(.refused(refusal))
            end(&outputs)
        } else {
            beginSolicit(at: now, &outputs)
        }
    }

    mutating func request(
        _ prefix: IPv6Prefix, from server: [UInt8], at now: Instant, _ outputs: inout [Output]
    ) {
        begin(.request, prefix, server: server, .request, from: now, at: now, &outputs)
    }

    /// A Reply to Request. A server that refuses now, NotOnLink included, has offered what it does not give: there is
    /// no point in asking it again at once.
    mutating func requestAnswered(
        _ answer: DHCPv6Answer, at now: Instant, _ outputs: inout [Output]
    ) -> DHCPv6Reception {
        switch (answer.offer(preferring: exchange?.prefix), lease) {
        case (.nothing(let reason), _): return .ignored(reason)
        case (.lease(let lease), nil): bind(lease, &outputs)
        case (.lease(let new), let old?): rebound(new, instead: old, at: now, &outputs)
        case (.refusal(let failure), nil):
            choice.add(failure)
            requestBest(at: now, &outputs)
            return .refusal(failure)
        case (.refusal(let failure), .some): lose(.forgotten(failure), instead: nil, at: now, &outputs)
        }
        return .answer
    }

    /// The server does not answer any more. A lease that it had forgotten is ours nevertheless, while it is valid.
    mutating func requestFailed(at now: Instant, _ outputs: inout [Output]) {
        if lease == nil { requestBest(at: now, &outputs) } else { keep(at: now, &outputs) }
    }

    private mutating func bind(_ lease: DHCPv6Lease, _ outputs: inout [Output]) {
        self.lease = lease
        exchange = nil
        choice = AdvertiseChoice()
        outputs.append(.bound(lease))
    }
}
