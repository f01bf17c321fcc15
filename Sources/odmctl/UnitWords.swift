/// Words in a list of a unit file, or of what `systemctl show` prints of it (systemd.syntax(7)).
enum UnitWords {
    /// A word between double quotes, in which no specifier is expanded.
    static func quoted(_ word: String) -> String {
        var text = ""
        for character in word {
            switch character {
            case "\"", "\\": text += "\\\(character)"
            case "%": text += "%%"
            default: text.append(character)
            }
        }
        return "\"\(text)\""
    }

    /// The words between spaces; quotes hold one together, and a backslash stands before what is meant as it is.
    static func split(_ text: String) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        for character in text {
            switch character {
            case _ where isEscaped:
                word = (word ?? "") + String(character)
                isEscaped = false
            case "\\": isEscaped = true
            case quote: quote = nil
            case "\"" where quote == nil, "'" where quote == nil:
                quote = character
                word = word ?? ""
            case " " where quote == nil:
                if let complete = word { words.append(complete) }
                word = nil
            default: word = (word ?? "") + String(character)
            }
        }
        return words + (word.map { [$0] } ?? [])
    }
}
