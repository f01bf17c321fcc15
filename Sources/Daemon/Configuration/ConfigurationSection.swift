/// The settings of one section, however many files and headers they come from.
protocol ConfigurationSection {
    associatedtype Key: RawRepresentable<String> & CaseIterable & Hashable
    /// The header, as errors name it.
    static var form: String { get }
    /// Keys of which each assignment adds to a list; of others the last counts.
    static var lists: Set<Key> { get }
    /// Where the values in force come from.
    var origins: SettingOrigins<Key> { get set }
    /// What a key that nobody assigned stands for, as it would be written; nil if it stands for nothing.
    func defaultText(_ key: Key) -> String?
    /// Takes over a value.
    mutating func set(_ key: Key, _ assignment: ConfigurationAssignment) throws(SettingProblem)
    /// Goes back to the default.
    mutating func reset(_ key: Key)
}

extension ConfigurationSection {
    static var lists: Set<Key> { [] }

    static var keyNames: [String] { Key.allCases.map(\.rawValue) }

    mutating func accept(_ assignment: ConfigurationAssignment) throws(SettingProblem) {
        guard let key = Key(rawValue: assignment.key) else {
            throw Self.unknownKey(assignment.key)
        }
        if assignment.value.isEmpty {
            origins.forget(key)
            reset(key)
        } else {
            origins.note(assignment, for: key, isList: Self.lists.contains(key))
            try set(key, assignment)
        }
    }

    /// What is in force of the section, key by key.
    ///
    /// - Parameter header: as a file has it, without the brackets.
    func settings(under header: String, _ isOfUse: (Key) -> Bool = { _ in true }) -> [Setting] {
        Key.allCases.filter(isOfUse).flatMap { key in
            let assigned = origins[key].map { assignment in
                Setting(
                    section: header, key: key.rawValue, value: assignment.value,
                    location: assignment.location)
            }
            if !assigned.isEmpty { return assigned }
            return defaultText(key).map {
                [Setting(section: header, key: key.rawValue, value: $0, location: nil)]
            } ?? []
        }
    }

    private static func unknownKey(_ name: String) -> SettingProblem {
        if let home = sectionForms.first(where: { $0.keys.contains(name) })?.form {
            return SettingProblem("not a key of \(form); move it to \(home)")
        }
        if let nearest = Suggestion.nearest(to: name, among: keyNames) {
            return SettingProblem("unknown key; did you mean \(nearest)=?")
        }
        let keys = keyNames.map { "\($0)=" }.joined(separator: ", ")
        return SettingProblem("unknown key; those of \(form) are \(keys)")
    }
}

/// Where each key belongs.
private let sectionForms: [(form: String, keys: [String])] = [
    (DaemonSection.form, DaemonSection.keyNames),
    (TypeSection.form, TypeSection.keyNames),
    (SourceSection.form, SourceSection.keyNames),
    (RuleSection.form, RuleSection.keyNames),
]
