import Mobility

/// `Rule` of the interface.
struct RuleRow: Encodable {
    private let rule: PolicyRule

    init(_ rule: PolicyRule) { self.rule = rule }

    private enum Field: String, CodingKey {
        case name
        case builtIn = "built_in"
        case types, users, groups, units, action
        case maxAddresses = "max_addresses"
        case maxSockets = "max_sockets"
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: Field.self)
        try row.encode(rule.name, forKey: .name)
        try row.encode(rule.isBuiltIn, forKey: .builtIn)
        try row.encode(rule.types.sorted().map(\.description), forKey: .types)
        try row.encodeIfPresent(rule.users, forKey: .users)
        try row.encodeIfPresent(rule.groups, forKey: .groups)
        try row.encodeIfPresent(rule.units?.map(\.description), forKey: .units)
        try row.encode(rule.action.name, forKey: .action)
        try row.encodeIfPresent(rule.maxAddresses, forKey: .maxAddresses)
        try row.encodeIfPresent(rule.maxSockets, forKey: .maxSockets)
    }
}

extension PolicyRule.Action {
    /// `RuleAction` of the interface.
    fileprivate var name: String {
        switch self {
        case .allow: "allow"
        case .deny: "deny"
        }
    }
}
