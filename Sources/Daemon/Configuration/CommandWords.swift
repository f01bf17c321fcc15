/// `Command=`: a program and its arguments. Words are separated by white space; double quotes hold one together.
enum CommandWords {
    static func read(_ text: String) throws(SettingProblem) -> [String] {
        let words = try split(text)
        guard let program = words.first, program.hasPrefix("/") else {
            throw SettingProblem("the program needs its whole path; write one that begins with /")
        }
        return words
    }

    private static func split(_ text: String) throws(SettingProblem) -> [String] {
        var words: [String] = []
        var word: String?
        var isQuoted = false
        for character in text {
            if character == "\"" {
                isQuoted.toggle()
                // A pair with nothing between is a word too.
                word = word ?? ""
            } else if character.isBlank, !isQuoted {
                if let word { words.append(word) }
                word = nil
            } else {
                word = word ?? ""
                word?.append(character)
            }
        }
        guard !isQuoted else {
            throw SettingProblem("a double quote is not closed; write another at its end")
        }
        return words + (word.map { [$0] } ?? [])
    }
}
