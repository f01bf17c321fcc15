/// Who may have what (`[Rule …]`; RFC 8653, section 5): the first rule that matches decides.
public struct Policy: Equatable, Sendable {
    /// In the order in which they are looked at; the last of them are built in, and decide what no other does.
    public let rules: [PolicyRule]
    /// Places of the rules that can decide about a type, to the first that decides about everybody.
    private let deciding: PerType<[Int]>
    /// What is to be found out about a process before it can be decided whether it may have a type; mostly nothing.
    public let claims: PerType<Claims>
    /// Types of which everybody may have as much as there is: the most frequent case costs nothing.
    private let openTypes: ContinuityTypes
    /// Some rule sets a quota.
    let hasQuotas: Bool

    /// - Parameters:
    ///   - rules: those of the administrator, in their order.
    ///   - fixedGroup: its members may have Fixed addresses where no rule says otherwise; nil for nobody but root.
    public init(_ rules: [PolicyRule] = [], fixedGroup: UInt32? = nil) {
        let rules = rules + PolicyRule.builtIn(fixedGroup: fixedGroup)
        var deciding = PerType<[Int]>(repeating: [])
        var claims = PerType<Claims>(repeating: [])
        for type in ContinuityType.allCases {
            for (place, rule) in rules.enumerated() where rule.concerns(type) {
                deciding[type].append(place)
                claims[type].formUnion(rule.claims)
                if rule.isForEverybody { break }
            }
        }
        self.rules = rules
        self.deciding = deciding
        self.claims = claims
        openTypes = ContinuityTypes(
            Set(ContinuityType.allCases.filter { rules[deciding[$0][0]].isOpen }))
        hasQuotas = rules.contains(where: \.hasQuota)
    }

    /// Everybody may have as much of a type as there is.
    func isOpen(_ type: ContinuityType) -> Bool { openTypes.contains(type) }

    /// The place of the rule that decides whether somebody may have a type.
    public func decidingRule(for type: ContinuityType, user: UInt32, _ standing: Standing?) -> Int {
        for place in deciding[type] where rules[place].matches(user, standing) { return place }
        preconditionFailure("the last built-in rule is for everybody")
    }

    /// Properties of a process that cost a system call to find out.
    public struct Claims: OptionSet, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Its groups.
        public static let groups = Claims(rawValue: 1)
        /// The systemd unit that it belongs to.
        public static let unit = Claims(rawValue: 2)
    }
}

/// One rule of the policy: for whom it is, and what they may have.
public struct PolicyRule: Equatable, Sendable {
    public enum Action: Equatable, Sendable {
        case allow, deny
    }

    /// From `[Rule NAME]`.
    public var name: String
    /// Types that it is about (`Types=`).
    public var types: Set<ContinuityType>
    /// Effective users that it is for (`User=`); nil for any.
    public var users: [UInt32]?
    /// Groups of which the process must have one (`Group=`); nil for any.
    public var groups: [UInt32]?
    /// Systemd units of which the process must be in one (`Unit=`); nil for any.
    public var units: [UnitPattern]?
    public var action: Action
    /// Most addresses of these types that a user may have at a time (`MaxAddresses=`); nil for any number.
    public var maxAddresses: Int?
    /// Most sockets of a user that may have addresses of these types (`MaxSockets=`), one that has several counted for
    /// each; nil for any number.
    public var maxSockets: Int?
    /// No administrator wrote it.
    public var isBuiltIn = false

    public init(
        name: String, types: Set<ContinuityType> = Set(ContinuityType.allCases), users: [UInt32]? = nil,
        groups: [UInt32]? = nil, units: [UnitPattern]? = nil, action: Action = .allow,
        maxAddresses: Int? = nil,
        maxSockets: Int? = nil
    ) {
        self.name = name
        self.types = types
        self.users = users
        self.groups = groups
        self.units = units
        self.action = action
        self.maxAddresses = maxAddresses
        self.maxSockets = maxSockets
    }

    func concerns(_ type: ContinuityType) -> Bool { types.contains(type) }

    var hasQuota: Bool { maxAddresses != nil || maxSockets != nil }

    public var isForEverybody: Bool { users == nil && groups == nil && units == nil }

    /// It lets everybody have as much as there is.
    fileprivate var isOpen: Bool { isForEverybody && action == .allow && !hasQuota }

    fileprivate var claims: Policy.Claims {
        var claims: Policy.Claims = []
        if groups != nil { claims.insert(.groups) }
        if units != nil { claims.insert(.unit) }
        return claims
    }

    /// All that is named must match.
    fileprivate func matches(_ user: UInt32, _ standing: Standing?) -> Bool {
        if let users, !users.contains(user) { return false }
        if let groups, !groups.contains(where: { standing?.groups.contains($0) ?? false }) { return false }
        if let units, !matches(standing?.unit ?? .none, units) { return false }
        return true
    }

    private func matches(_ unit: ServiceUnit, _ patterns: [UnitPattern]) -> Bool {
        switch unit {
        case .none: false
        case .named(let name): patterns.contains { $0.matches(name) }
        // Nobody gets by a doubt what he would not get without.
        case .unknown: action == .deny
        }
    }

    /// What holds where no rule of the administrator matches: everything but Fixed for everybody, Fixed for root and for a
    /// group.
    fileprivate static func builtIn(fixedGroup: UInt32?) -> [PolicyRule] {
        var rules = [
            PolicyRule(name: "default", types: Set(ContinuityType.allCases).subtracting([.fixed])),
            PolicyRule(name: "default", types: [.fixed], users: [0]),
        ]
        if let fixedGroup {
            rules.append(PolicyRule(name: "default", types: [.fixed], groups: [fixedGroup]))
        }
        rules.append(PolicyRule(name: "default", types: [.fixed], action: .deny))
        for index in rules.indices { rules[index].isBuiltIn = true }
        return rules
    }
}
