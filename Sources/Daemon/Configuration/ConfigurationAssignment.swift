/// KEY=VALUE in a file.
struct ConfigurationAssignment: Equatable {
    let location: ConfigurationLocation
    let key: String
    /// Empty to go back to the default, or to empty a list.
    let value: String

    /// As it was written, but for white space.
    var text: String { "\(key)=\(value)" }

    /// The words of a list.
    var words: [Substring] { value.split(whereSeparator: \.isBlank) }
}

/// Why a statement is refused and what would be right, without the place.
struct SettingProblem: Error, Equatable {
    let text: String

    init(_ text: String) { self.text = text }
}

extension Character {
    /// White space as systemd.syntax(7) has it within a line.
    var isBlank: Bool { self == " " || self == "\t" || self == "\r" }
}

extension String {
    /// Without the white space at both ends.
    var trimmed: String {
        let start = drop(while: \.isBlank)
        guard let last = start.lastIndex(where: { !$0.isBlank }) else { return "" }
        return String(start[...last])
    }
}
