/// A text that stands at the top of a terminal, and how to change it (ECMA-48).
struct Page {
    struct Size: Equatable {
        var lines: Int
        var columns: Int
    }

    private var text = ""
    /// Nil until the page was drawn.
    private var size: Size?

    /// What the terminal is to be sent so that it shows the text; nothing if it does.
    mutating func change(to text: String, on size: Size) -> String {
        guard text != self.text || size != self.size else { return "" }
        let start = size == self.size ? "" : Self.clear
        (self.text, self.size) = (text, size)
        let lines = Self.fit(
            text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init), size)
        return start + Self.home + lines.map { $0 + Self.clearRest + "\n" }.joined() + Self.clearBelow
    }

    private static let home = "\u{1B}[H"
    private static let clear = "\u{1B}[H\u{1B}[2J"
    /// From the cursor to the end of the line.
    private static let clearRest = "\u{1B}[K"
    /// From the cursor to the end of the page.
    private static let clearBelow = "\u{1B}[J"

    /// As many lines as there is room for; the last of them says how many there is none for.
    private static func fit(_ lines: [String], _ size: Size) -> [String] {
        // The cursor stands in the last one.
        let room = size.lines - 1
        var used = lines.map { linesTaken($0, size.columns) }
        guard used.reduce(0, +) > room else { return lines }
        while used.reduce(1, +) > room, !used.isEmpty { used.removeLast() }
        return lines[..<used.count] + ["… \(lines.count - used.count) more"]
    }

    /// A line that is too long goes on in the next.
    private static func linesTaken(_ line: String, _ columns: Int) -> Int {
        max(1, (visibleCount(line) + columns - 1) / columns)
    }

    /// Characters without those that make colours: from escape to m.
    private static func visibleCount(_ line: String) -> Int {
        var (count, isVisible) = (0, true)
        for character in line {
            if character == "\u{1B}" { isVisible = false }
            if isVisible { count += 1 } else if character == "m" { isVisible = true }
        }
        return count
    }
}
