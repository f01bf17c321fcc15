/// A configuration file cut into section headers and assignments, as systemd.syntax(7) describes them.
///
/// Lines that begin with `#` or `;` are comments, also in the middle of a continued line. A line that ends in
/// `\` goes on in the next. White space around keys, values and lines is ignored, and the carriage return of
/// a CRLF line end is white space.
struct ConfigurationFile {
    /// Octets; a configuration of a thousand sources is smaller.
    static let sizeLimit = 1 << 20

    enum Statement: Equatable {
        /// What stands between the brackets.
        case section(String)
        /// A header that cannot be read: what follows belongs to no section that we know.
        case brokenSection
        case assignment(ConfigurationAssignment)
    }

    struct Line: Equatable {
        let location: ConfigurationLocation
        let statement: Statement
    }

    let path: String
    private(set) var lines: [Line] = []
    private(set) var errors: [ConfigurationError] = []

    init(path: String, octets: [UInt8]) {
        self.path = path
        var pending: PhysicalLine?
        for (index, row) in Self.rows(octets).enumerated() {
            let location = ConfigurationLocation(file: path, line: index + 1)
            var line = physicalLine(row, at: location)
            if line.text.hasPrefix("#") || line.text.hasPrefix(";") { continue }
            if let begun = pending { line = begun.followed(by: line) }
            pending = line.isContinued ? line : nil
            if pending == nil { finish(line) }
        }
        if let pending {
            errors.append(
                ConfigurationError(
                    pending.location, pending.text,
                    "the file ends after a \\; write the rest or remove the \\"))
        }
    }

    /// The lines without their ends, and without a byte order mark.
    private static func rows(_ octets: [UInt8]) -> [ArraySlice<UInt8>] {
        let newline = UInt8(ascii: "\n")
        let start = octets.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        let text = octets.last == newline ? octets[start...].dropLast() : octets[start...]
        return text.split(separator: newline, omittingEmptySubsequences: false)
    }

    /// Decodes one line and trims it; reports what no line may hold.
    private mutating func physicalLine(
        _ octets: ArraySlice<UInt8>, at location: ConfigurationLocation
    ) -> PhysicalLine {
        let text = String(decoding: octets, as: UTF8.self).trimmed
        var line = PhysicalLine(location: location, text: text)
        if octets.contains(0) {
            line.refuse("contains a NUL octet; the file must be plain text", &errors)
        } else if String(validating: octets, as: UTF8.self) == nil {
            line.refuse("is not UTF-8; save the file in that encoding", &errors)
        }
        guard text.hasSuffix("\\"), !text.hasPrefix("#"), !text.hasPrefix(";") else { return line }
        line.isContinued = true
        line.text = String(text.dropLast()).trimmed
        let end = octets.last == UInt8(ascii: "\r") ? octets.dropLast() : octets
        if end.last != UInt8(ascii: "\\"), !line.isRefused {
            let problem = "white space follows the \\; make it the last character of the line"
            errors.append(ConfigurationError(location, text, problem))
        }
        return line
    }

    /// Reads a whole line, continuations joined.
    private mutating func finish(_ line: PhysicalLine) {
        let text = line.text.trimmed
        guard !text.isEmpty else { return }
        do {
            let statement = try Self.statement(text, at: line.location)
            // A line that was refused is not read any further, but it still begins a section.
            if line.isRefused, case .assignment = statement { return }
            lines.append(Line(location: line.location, statement: statement))
        } catch {
            if text.hasPrefix("[") { lines.append(Line(location: line.location, statement: .brokenSection)) }
            if !line.isRefused { errors.append(ConfigurationError(line.location, text, error.text)) }
        }
    }

    private static func statement(
        _ text: String, at location: ConfigurationLocation
    ) throws(SettingProblem) -> Statement {
        if text.hasPrefix("[") {
            guard text.hasSuffix("]") else {
                throw SettingProblem("a section header ends in ]; comments need lines of their own")
            }
            return .section(String(text.dropFirst().dropLast()).trimmed)
        }
        guard let sign = text.firstIndex(of: "=") else {
            throw SettingProblem("neither [SECTION] nor an assignment; write KEY=VALUE")
        }
        let key = String(text[..<sign]).trimmed
        guard !key.isEmpty else { throw SettingProblem("no key before the =; write KEY=VALUE") }
        let value = String(text[text.index(after: sign)...]).trimmed
        return .assignment(ConfigurationAssignment(location: location, key: key, value: value))
    }
}

/// A line of the file, or several that continue each other.
private struct PhysicalLine {
    /// Of the first.
    let location: ConfigurationLocation
    var text: String
    var isContinued = false
    /// Its error is reported; it must not lead to others.
    var isRefused = false

    init(location: ConfigurationLocation, text: String) {
        self.location = location
        self.text = text
    }

    mutating func refuse(_ problem: String, _ errors: inout [ConfigurationError]) {
        isRefused = true
        errors.append(ConfigurationError(location, text, problem))
    }

    func followed(by next: PhysicalLine) -> PhysicalLine {
        var joined = self
        joined.text = [text, next.text].filter { !$0.isEmpty }.joined(separator: " ")
        joined.isContinued = next.isContinued
        joined.isRefused = isRefused || next.isRefused
        return joined
    }
}
