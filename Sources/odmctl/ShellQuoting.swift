/// Words as a shell reads them (POSIX, 2.2).
enum ShellQuoting {
    /// A word that a shell takes for exactly this text.
    static func quoted(_ word: String) -> String {
        guard word.isEmpty || !word.utf8.allSatisfy(isPlain) else { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#)
            + "'"
    }

    /// A setting of a variable, in front of a command.
    static func assignment(_ name: String, _ value: String) -> String { "\(name)=\(quoted(value))" }

    /// One line that a shell does not heed.
    static func comment(_ text: String) -> String {
        "# " + String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? "?" : $0 }))
    }

    /// Nothing that means anything to any shell, nor `=`, which would make it an assignment, nor `~`.
    private static func isPlain(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-_./:,+@%".utf8.contains(octet)
        }
    }
}
