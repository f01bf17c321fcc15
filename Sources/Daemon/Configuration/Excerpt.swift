/// Text of a file, cut and escaped so that it can stand in a log line or on a terminal.
enum Excerpt {
    /// Characters that are shown: a prefix with its key fits.
    static let limit = 100

    static func of(_ text: String, limit: Int = limit) -> String {
        let scalars = text.unicodeScalars.prefix(limit)
        var excerpt = ""
        for scalar in scalars {
            if scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format {
                excerpt += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                excerpt.unicodeScalars.append(scalar)
            }
        }
        return text.unicodeScalars.dropFirst(limit).isEmpty ? excerpt : excerpt + "…"
    }
}
