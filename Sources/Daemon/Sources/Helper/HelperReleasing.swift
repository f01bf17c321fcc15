import Mobility

// Prefixes on their way back.

extension HelperLedger {
    /// Nobody needs it any more, whatever is going on with it.
    mutating func release(_ id: LeaseID, _ actions: inout [Action]) {
        switch standings[id] {
        case .acquiring(let question):
            standings[id] = .unwanted(question)
            actions.append(.stop(id))
        case .renewing(let lease):
            standings[id] = .unwanted(lease.question(.renew, timeout: limits.timeout))
            actions.append(.stop(id))
        case .held(let lease):
            tellRelease(lease.question(.release, timeout: limits.timeout), tries: 1, &actions)
        // Also none of ours: its time was over before.
        case .unwanted, .releasing, .unreleased, nil: break
        }
    }

    /// What the program was asked for has come, or not, and nobody wants it.
    mutating func endUnwanted(
        _ question: HelperQuestion, _ verdict: HelperVerdict, _ actions: inout [Action]
    ) {
        var question = question
        switch verdict {
        case .granted(let grant):
            (question.prefix, question.token) = (grant.prefix, grant.token ?? question.token)
            tellRelease(question, tries: 1, &actions)
        case .failed: tellRelease(question, tries: 1, &actions)
        // What was not renewed is held nevertheless.
        case .notNow where question.prefix != nil, .notDone where question.prefix != nil:
            tellRelease(question, tries: 1, &actions)
        case .refused, .notNow, .notDone: finish(question, &actions)
        case .done: preconditionFailure("an answer to acquire or renew is read")
        }
    }

    mutating func tellRelease(_ question: HelperQuestion, tries: Int, _ actions: inout [Action]) {
        var question = question
        question.operation = .release
        standings[question.id] = .releasing(question, tries: tries)
        actions.append(.ask(question))
    }

    mutating func endRelease(
        _ question: HelperQuestion, _ tries: Int, _ verdict: HelperVerdict, at now: Instant,
        _ actions: inout [Action]
    ) {
        switch verdict {
        case .done: return finish(question, &actions)
        case .refused(let reason), .notNow(let reason), .failed(let reason), .notDone(let reason):
            let what =
                question.prefix.map { "giving \($0) back" } ?? "undoing what \(question.identifier) did"
            guard tries < limits.releases else {
                actions.append(.warn("\(what): \(reason); not tried again"))
                return finish(question, &actions)
            }
            let again = now + limits.timeBetweenReleases
            standings[question.id] = .unreleased(question, tries: tries, again: again)
            actions.append(.warn("\(what): \(reason); tried again"))
        case .granted: preconditionFailure("an answer to release is not read")
        }
    }

    private mutating func finish(_ question: HelperQuestion, _ actions: inout [Action]) {
        standings[question.id] = nil
        // One without a prefix was never kept.
        if question.prefix != nil { actions.append(.forget(question.id)) }
    }
}
