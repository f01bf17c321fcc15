import Mobility

// Prefixes that somebody waits for.

extension HelperLedger {
    mutating func acquire(_ request: PrefixRequest, _ actions: inout [Action]) {
        precondition(standings[request.id] == nil, "a lease has one question")
        if let (refusal, explanation) = objection {
            actions.append(.tell(.refused(request.id, refusal, explanation: explanation)))
            return
        }
        let question = HelperQuestion(
            operation: .acquire, id: request.id, identifier: newIdentifier(request.id), source: source,
            type: request.type, isOnNet: request.isOnNet, interface: request.interface ?? interface,
            timeout: limits.timeout)
        standings[request.id] = .acquiring(question)
        actions.append(.ask(question))
    }

    /// Why no more can be asked for.
    private var objection: (Refusal, String)? {
        if standings.count >= limits.leases {
            return (
                .exhausted, "the helper has given \(limits.leases) prefixes, which is the most there may be"
            )
        }
        if standings.values.count(where: \.isAcquisition) >= limits.acquisitions {
            return (.networkRefused, "\(limits.acquisitions) questions to the helper wait already")
        }
        return nil
    }

    mutating func endAcquire(
        _ question: HelperQuestion, _ verdict: HelperVerdict, at now: Instant, _ actions: inout [Action]
    ) {
        switch verdict {
        case .granted(let grant):
            let lease = HelperLease(grant, to: question, at: now)
            standings[question.id] = .held(lease)
            actions += [.keep(lease), .tell(.granted(lease.lease))]
            return
        case .failed(let reason):
            refuse(question, reason, &actions)
            // Nobody knows what it has done before; this undoes it.
            tellRelease(question, tries: 1, &actions)
        case .refused(let reason), .notNow(let reason), .notDone(let reason):
            refuse(question, reason, &actions)
            standings[question.id] = nil
        case .done: preconditionFailure("an answer to acquire is read")
        }
    }

    private func refuse(_ question: HelperQuestion, _ reason: String, _ actions: inout [Action]) {
        actions.append(.tell(.refused(question.id, .networkRefused, explanation: reason)))
    }

    /// The program takes too long: who waits is told now, and what still comes is given back.
    mutating func giveUp(_ id: LeaseID, _ actions: inout [Action]) {
        guard case .acquiring(let question) = standings[id] else { return }
        standings[id] = .unwanted(question)
        actions.append(.tell(.refused(id, .timedOut, explanation: "the helper did not answer in time")))
    }
}

extension HelperLedger.Standing {
    fileprivate var isAcquisition: Bool {
        switch self {
        case .acquiring: true
        case .unwanted(let question): question.operation == .acquire
        case .held, .renewing, .releasing, .unreleased: false
        }
    }
}
