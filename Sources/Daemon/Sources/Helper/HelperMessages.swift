/// What one program writes to standard error, line by line, in words that can stand in the log.
struct HelperMessages {
    /// Characters that are logged of a line.
    private static let longestLine = 300

    /// What was written in all.
    private(set) var octets = 0
    private var begun: [UInt8] = []
    private var lines = 0
    private let limit: Int

    /// - Parameter limit: lines after which no more is logged.
    init(limit: Int) { self.limit = limit }

    /// The lines that are complete with this.
    mutating func take(_ octets: [UInt8]) -> [String] {
        self.octets += octets.count
        var complete: [String] = []
        for octet in octets {
            if octet == UInt8(ascii: "\n") {
                complete += endLine()
            } else if begun.count <= 4 * Self.longestLine {
                // UTF-8 has up to four octets a character.
                begun.append(octet)
            }
        }
        return complete
    }

    /// The last line, if it has no end.
    mutating func end() -> [String] { endLine() }

    private mutating func endLine() -> [String] {
        defer { begun.removeAll(keepingCapacity: true) }
        guard !begun.isEmpty, lines <= limit else { return [] }
        lines += 1
        if lines > limit { return ["(it says more, which is not logged)"] }
        return [Excerpt.of(String(decoding: begun, as: UTF8.self), limit: Self.longestLine)]
    }
}
