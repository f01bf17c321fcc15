import Mobility

/// What a section configures.
enum SectionName: Hashable {
    case daemon
    case type(ContinuityType)
    case source(String)
    case rule(String)

    /// The forms that there are.
    static let forms = ["[Daemon]", "[Type NAME]", "[Source NAME]", "[Rule NAME]"]

    /// Octets of the name of a source or a rule: it stands in tables and log lines.
    static let longestName = 63

    /// Reads what stands between the brackets.
    init(_ text: String) throws(SettingProblem) {
        let words = text.split(maxSplits: 1, whereSeparator: \.isBlank)
        let name = words.count > 1 ? String(words[1]).trimmed : nil
        switch words.first ?? "" {
        case "Daemon":
            guard name == nil else { throw SettingProblem("there is one such section; write [Daemon]") }
            self = .daemon
        case "Type": self = .type(try Self.type(named: name))
        case "Source": self = .source(try Self.name(name, of: "source"))
        case "Rule": self = .rule(try Self.name(name, of: "rule"))
        case let kind: throw SettingProblem("unknown section; \(Self.remedy(forKind: kind))")
        }
    }

    private static func type(named name: String?) throws(SettingProblem) -> ContinuityType {
        guard let name else {
            let names = Suggestion.alternatives(ContinuityType.names)
            throw SettingProblem("which type? Write [Type NAME] with \(names)")
        }
        guard let type = ContinuityType(name: name) else {
            let remedy = Suggestion.remedy(for: name, among: ContinuityType.names)
            throw SettingProblem("\(Excerpt.of(name)) is not a continuity type; \(remedy)")
        }
        return type
    }

    private static func name(_ name: String?, of kind: String) throws(SettingProblem) -> String {
        guard let name else {
            let form = "[\(kind.prefix(1).uppercased())\(kind.dropFirst()) NAME]"
            throw SettingProblem("a \(kind) needs a name; write \(form) with a name of your choice")
        }
        let isGood = name.utf8.count <= longestName && name.allSatisfy(isAllowedInName)
        guard isGood, let first = name.first, first.isLetter || first.isNumber else {
            throw SettingProblem(
                "not a name for a \(kind); write at most \(longestName) letters, digits, -, _ and ., "
                    + "beginning with a letter or digit")
        }
        return name
    }

    private static func isAllowedInName(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "-_.".contains(character))
    }

    private static func remedy(forKind kind: Substring) -> String {
        let kinds = forms.map { String($0.dropFirst().prefix { $0 != " " && $0 != "]" }) }
        guard let nearest = Suggestion.nearest(to: kind, among: kinds),
            let place = kinds.firstIndex(of: nearest)
        else { return "write \(Suggestion.alternatives(forms))" }
        return "did you mean \(forms[place])?"
    }
}
