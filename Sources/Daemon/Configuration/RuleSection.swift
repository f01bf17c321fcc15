import Mobility
import Posix

/// `[Rule NAME]`.
struct RuleSection: ConfigurationSection {
    enum Key: String, CaseIterable {
        case types = "Types"
        case user = "User"
        case group = "Group"
        case unit = "Unit"
        case action = "Action"
        case maxAddresses = "MaxAddresses"
        case maxSockets = "MaxSockets"
    }

    static let form = "[Rule NAME]"
    static let lists: Set<Key> = [.types, .user, .group, .unit]

    /// No more sockets can be tracked.
    private static let socketLimits = 1...Int(SocketRecord.limit)

    /// The first header.
    let location: ConfigurationLocation
    private(set) var rule: PolicyRule
    var origins = SettingOrigins<Key>()

    init(name: String, location: ConfigurationLocation) {
        self.location = location
        rule = PolicyRule(name: name)
    }

    func defaultText(_ key: Key) -> String? {
        switch key {
        case .types: ContinuityType.names.joined(separator: " ")
        case .action: "allow"
        case .user, .group, .unit, .maxAddresses, .maxSockets: nil
        }
    }

    mutating func set(_ key: Key, _ assignment: ConfigurationAssignment) throws(SettingProblem) {
        switch key {
        case .types:
            let isFirst = origins[.types].count == 1
            rule.types = (isFirst ? [] : rule.types).union(try assignment.continuityTypes())
        case .user: rule.users = (rule.users ?? []) + (try assignment.numbers("user", Account.user(named:)))
        case .group:
            rule.groups = (rule.groups ?? []) + (try assignment.numbers("group", Account.group(named:)))
        case .unit: rule.units = (rule.units ?? []) + (try assignment.unitPatterns())
        case .action: rule.action = try assignment.choice(["allow": .allow, "deny": .deny])
        case .maxAddresses: rule.maxAddresses = try assignment.number(in: SourceSection.addressLimits)
        case .maxSockets: rule.maxSockets = try assignment.number(in: Self.socketLimits)
        }
    }

    mutating func reset(_ key: Key) {
        let defaults = PolicyRule(name: rule.name)
        switch key {
        case .types: rule.types = defaults.types
        case .user: rule.users = defaults.users
        case .group: rule.groups = defaults.groups
        case .unit: rule.units = defaults.units
        case .action: rule.action = defaults.action
        case .maxAddresses: rule.maxAddresses = defaults.maxAddresses
        case .maxSockets: rule.maxSockets = defaults.maxSockets
        }
    }

    /// Nobody was named, not even somebody whom there is not.
    private var isForEverybody: Bool { [.user, .group, .unit].allSatisfy { origins[$0].isEmpty } }

    /// What is without effect.
    ///
    /// - Parameter earlier: the rules before this one.
    func errors(after earlier: [RuleSection]) -> [ConfigurationError] {
        var errors: [ConfigurationError] = []
        if rule.action == .deny {
            for key in [Key.maxAddresses, .maxSockets] {
                guard let origin = origins.last(key) else { continue }
                let problem = "a rule that denies gives nothing to count; leave it out, or write Action=allow"
                errors.append(ConfigurationError(origin.location, origin.text, problem))
            }
        }
        let decided = earlier.filter { $0.isForEverybody && !$0.rule.types.isDisjoint(with: rule.types) }
        let isDecided = rule.types.allSatisfy { type in decided.contains { $0.rule.types.contains(type) } }
        if let last = decided.last, isDecided {
            let remedy = "move it above that, or leave one out"
            errors.append(
                ConfigurationError(
                    location, "[Rule \(rule.name)]",
                    "decides nothing: [Rule \(last.rule.name)] at \(last.location) is for everybody; \(remedy)"
                ))
        }
        return errors
    }
}

extension ConfigurationAssignment {
    /// Numbers of users or groups, each given by its number or its name.
    fileprivate func numbers(
        _ what: String, _ number: (String) -> UInt32?
    ) throws(SettingProblem) -> [UInt32] {
        var numbers: [UInt32] = []
        for word in words.map(String.init) {
            // The last number means none to the kernel.
            let isNumber = word.allSatisfy { $0.isASCII && $0.isNumber }
            guard let found = isNumber ? UInt32(word) : number(word), found != .max else {
                let problem = isNumber ? "is not a number of a \(what)" : "is no \(what) of this host"
                throw SettingProblem(
                    "\(Excerpt.of(word)) \(problem); write names or numbers, separated by spaces")
            }
            numbers.append(found)
        }
        return numbers
    }

    fileprivate func unitPatterns() throws(SettingProblem) -> [UnitPattern] {
        var patterns: [UnitPattern] = []
        for word in words {
            guard let pattern = UnitPattern(word) else {
                throw SettingProblem(
                    "\(Excerpt.of(String(word))) matches no name of a unit; write names such as nginx.service, or "
                        + "patterns such as voip-*.service")
            }
            guard word.contains(".") || word.hasSuffix("*") else {
                throw SettingProblem(
                    "\(word) has no suffix, as names of units do; did you mean \(word).service?")
            }
            patterns.append(pattern)
        }
        return patterns
    }
}
