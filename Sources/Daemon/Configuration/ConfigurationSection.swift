/// The settings of one section, however many files and headers they come from.
protocol ConfigurationSection {
    associatedtype Key: RawRepresentable<String> & CaseIterable & Hashable
    /// The header, as errors name it.
    static var form: String { get }
    /// Takes over a value; an empty one goes back to the default.
    mutating func assign(_ assignment: ConfigurationAssignment, to key: Key) throws(SettingProblem)
}

extension ConfigurationSection {
    static var keyNames: [String] { Key.allCases.map(\.rawValue) }

    mutating func accept(_ assignment: ConfigurationAssignment) throws(SettingProblem) {
        guard let key = Key(rawValue: assignment.key) else {
            throw Self.unknownKey(assignment.key)
        }
        try assign(assignment, to: key)
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
]
