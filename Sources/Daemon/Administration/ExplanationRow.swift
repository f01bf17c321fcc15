import Mobility

/// What `Explain` of the interface replies.
struct ExplanationRow: Encodable {
    private let explanation: Explanation
    private let user: UInt32
    private let standing: Standing
    private let rule: PolicyRule

    init(_ explanation: Explanation, _ user: UInt32, _ standing: Standing, by rule: PolicyRule) {
        self.explanation = explanation
        self.user = user
        self.standing = standing
        self.rule = rule
    }

    private enum Field: String, CodingKey {
        case user, groups, unit, rule, addresses, sockets, outcome, address, reason, errno, considered
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: Field.self)
        try row.encode(user, forKey: .user)
        try row.encode(standing.groups, forKey: .groups)
        if case .named(let unit) = standing.unit { try row.encode(unit, forKey: .unit) }
        try row.encode(RuleRow(rule), forKey: .rule)
        try row.encodeIfPresent(explanation.addresses, forKey: .addresses)
        try row.encodeIfPresent(explanation.sockets, forKey: .sockets)
        switch explanation.outcome {
        case .refused(let refusal):
            try row.encode("refused", forKey: .outcome)
            try row.encode(refusal.reason, forKey: .reason)
            try row.encode(refusal.errno, forKey: .errno)
        case .shared(let address):
            try row.encode("shared", forKey: .outcome)
            try row.encode(address.description, forKey: .address)
        case .made(let address):
            try row.encode("made", forKey: .outcome)
            try row.encode(address.description, forKey: .address)
        case .asked: try row.encode("asked", forKey: .outcome)
        }
        try row.encode(explanation.considered.map(ConsiderationRow.init), forKey: .considered)
    }
}

/// `Consideration` of the interface.
struct ConsiderationRow: Encodable {
    private let consideration: Explanation.Consideration

    init(_ consideration: Explanation.Consideration) { self.consideration = consideration }

    private enum Field: CodingKey {
        case source, interface, verdict, address, reason
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: Field.self)
        try row.encode(consideration.source, forKey: .source)
        try row.encodeIfPresent(consideration.interface?.description, forKey: .interface)
        switch consideration.verdict {
        case .otherTypes: try row.encode("other_types", forKey: .verdict)
        case .nothing(let refusal):
            try row.encode("nothing", forKey: .verdict)
            try row.encode(refusal.reason, forKey: .reason)
        case .gives(let address):
            try row.encode("gives", forKey: .verdict)
            try row.encode(address.description, forKey: .address)
        case .isAsked: try row.encode("asked", forKey: .verdict)
        }
    }
}
