// What would come of a request, and why, without its being made.

/// How a request would be answered.
public struct Explanation: Equatable, Sendable {
    public enum Outcome: Equatable, Sendable {
        case refused(Refusal)
        /// The address is there, or in the making, and shared.
        case shared(IPv6Address)
        /// It would be made; of a type with random addresses another, if somebody is faster.
        case made(IPv6Address)
        /// The network would be asked, or somebody waits for its answer already.
        case asked
    }

    /// What a source has for the request.
    public struct Consideration: Equatable, Sendable {
        public enum Verdict: Equatable, Sendable {
            /// It does not give the type.
            case otherTypes
            /// It gives nothing now.
            case nothing(Refusal)
            case gives(IPv6Address)
            case isAsked
        }

        public var source: String
        /// Nil if the source has no uplinks to choose from, or none is there.
        public var interface: InterfaceName?
        public var verdict: Verdict
    }

    /// The place of the rule that decides.
    public var rule: Int
    /// What the user has, as far as the rule counts it; nil if it does not.
    public var sockets: Int?
    public var addresses: Int?
    public var outcome: Outcome
    /// The sources that were looked at, in their order, to the one that the address comes from.
    public var considered: [Consideration] = []
}

extension Rules {
    /// What would come of the request now. Its socket is one that has no address yet.
    ///
    /// - Precondition: somebody asks.
    public func explanation(of request: AddressRequest, at now: Instant) -> Explanation {
        guard let requester = request.requester else {
            preconditionFailure("the administrator needs no policy")
        }
        let place = configuration.policy.decidingRule(
            for: request.type, user: requester.user, request.standing)
        var explanation = Explanation(rule: place, outcome: .refused(.noSource))
        let rule = configuration.policy.rules[place]
        if rule.maxSockets != nil { explanation.sockets = usage?.sockets(of: requester.user, rule.types) }
        if rule.maxAddresses != nil {
            explanation.addresses = usage?.addresses(of: requester.user, rule.types)
        }
        let slot = usableSlot(for: request)
        if let refusal = objection(to: request, giving: slot) {
            explanation.outcome = .refused(refusal)
        } else if let slot {
            explanation.outcome = .shared(addresses[slot].address)
        } else {
            // Choosing an address draws an identifier: from a copy.
            var copy = self
            copy.consider(request, &explanation, at: now)
        }
        return explanation
    }

    private mutating func consider(
        _ request: AddressRequest, _ explanation: inout Explanation, at now: Instant
    ) {
        let waiting = WaitingRequest(request, deadline: now + configuration.requestTimeout)
        for source in offers.indices {
            for (interface, verdict) in verdicts(on: source, for: waiting, at: now) {
                explanation.considered.append(
                    Explanation.Consideration(
                        source: configuration.sources[source].name, interface: interface, verdict: verdict))
                switch verdict {
                case .otherTypes: break
                case .nothing(let refusal): explanation.outcome = .refused(refusal)
                case .gives(let address):
                    explanation.outcome = .made(address)
                    return
                case .isAsked:
                    explanation.outcome = .asked
                    return
                }
            }
        }
        if let slot = sharedByDetour(for: request) { explanation.outcome = .shared(addresses[slot].address) }
    }

    /// What a source has, on each of the uplinks that it could be asked on; up to the first that has something.
    private mutating func verdicts(
        on source: Int, for waiting: WaitingRequest, at now: Instant
    ) -> [(InterfaceName?, Explanation.Consideration.Verdict)] {
        guard mayGive(source, waiting.request.type) else { return [(nil, .otherTypes)] }
        guard !offers[source].uplinks.isEmpty else {
            return [(offers[source].interface, verdict(on: Candidate(source: source), for: waiting, at: now))]
        }
        let running = uplinks.running(matching: offers[source].uplinks)
        if running.isEmpty { return [(nil, .nothing(.noNetwork))] }
        var verdicts: [(InterfaceName?, Explanation.Consideration.Verdict)] = []
        for index in running {
            let candidate = Candidate(source: source, interfaceIndex: index)
            verdicts.append((uplinks.name(of: index), verdict(on: candidate, for: waiting, at: now)))
            if case .nothing = verdicts[verdicts.count - 1].1 { continue }
            break
        }
        return verdicts
    }

    private mutating func verdict(
        on candidate: Candidate, for waiting: WaitingRequest, at now: Instant
    ) -> Explanation.Consideration.Verdict {
        switch plan(for: waiting.request, from: candidate) {
        case .address(let record): .gives(record.address)
        case .failure(let refusal): .nothing(refusal)
        case .question: objection(toAsking: candidate, for: waiting, at: now).map { .nothing($0) } ?? .isAsked
        }
    }
}
