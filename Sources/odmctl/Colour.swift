import Posix

/// What a terminal is told to show a text in (ECMA-48, Select Graphic Rendition).
enum Colour: String {
    case green = "32"
    case yellow = "33"
    case red = "31"
    case boldRed = "1;31"

    func applied(to text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[m" }

    /// Whether output may have colours.
    ///
    /// - Parameters:
    ///   - isTerminal: whether it goes to a terminal.
    ///   - variable: the value of an environment variable. NO_COLOR (no-color.org) counts when it is not empty.
    static func isWanted(
        isTerminal: Bool, _ variable: (String) -> String? = Environment.value(of:)
    ) -> Bool {
        isTerminal && (variable("NO_COLOR") ?? "").isEmpty && !Terminal.isSimple(variable("TERM"))
    }

    /// The colour of a state that a table shows; nil if it has none.
    static func ofState(_ state: String) -> Colour? {
        switch state {
        case "active", "ready", "allow": .green
        case "lingering", "deprecated": .yellow
        case "ended", "no interface", "deny": .red
        default: nil
        }
    }
}
