/// Rows and columns as text that fits a terminal.
struct Table {
    struct Column {
        enum Alignment {
            case left, right
        }

        var title: String
        var alignment = Alignment.left
        /// Columns with a low importance go first when the terminal is narrow. Nil: it never goes.
        var importance: Int?
        /// What the column can be cut down to when there is still no room; nil if it stays whole.
        var narrowest: Int?
        /// What a cell is shown in where there are colours; nil as it is.
        var colour: (@Sendable (String) -> Colour?)?
    }

    /// Spaces between columns.
    static let gap = 2

    var columns: [Column]
    /// As many cells in each as there are columns.
    var rows: [[String]] = []

    /// The table in lines without trailing spaces, the first of them the titles.
    ///
    /// - Parameter columns: characters that a line may have; nil if it may have any number.
    func text(columns limit: Int?, hasColours: Bool = false) -> String {
        let layout = layout(limit ?? .max)
        let titles = line(columns.map(\.title), layout, hasColours: false)
        return ([titles] + rows.map { line($0, layout, hasColours: hasColours) }).joined(separator: "\n")
    }

    /// Which columns are shown, and how wide.
    private func layout(_ limit: Int) -> [(column: Int, width: Int)] {
        var shown = columns.indices.map { (column: $0, width: width($0)) }
        while Self.total(shown) > limit, let least = leastImportant(shown) {
            shown.remove(at: least)
        }
        for index in shown.indices {
            let excess = Self.total(shown) - limit
            guard excess > 0, let narrowest = columns[shown[index].column].narrowest else { continue }
            shown[index].width = max(min(narrowest, shown[index].width), shown[index].width - excess)
        }
        return shown
    }

    private func width(_ column: Int) -> Int {
        rows.reduce(columns[column].title.count) { max($0, $1[column].count) }
    }

    private func leastImportant(_ shown: [(column: Int, width: Int)]) -> Int? {
        shown.indices
            .filter { columns[shown[$0].column].importance != nil }
            .min { columns[shown[$0].column].importance! < columns[shown[$1].column].importance! }
    }

    private static func total(_ shown: [(column: Int, width: Int)]) -> Int {
        shown.reduce(0) { $0 + $1.width } + gap * max(0, shown.count - 1)
    }

    private func line(
        _ cells: [String], _ layout: [(column: Int, width: Int)], hasColours: Bool
    ) -> String {
        var line = ""
        for (index, place) in layout.enumerated() {
            var cell = Self.cut(cells[place.column], place.width)
            let padding = String(repeating: " ", count: place.width - cell.count)
            if hasColours, let colour = columns[place.column].colour?(cells[place.column]) {
                cell = colour.applied(to: cell)
            }
            if index > 0 { line += String(repeating: " ", count: Self.gap) }
            line += columns[place.column].alignment == .left ? cell + padding : padding + cell
        }
        while line.last == " " { line.removeLast() }
        return line
    }

    private static func cut(_ text: String, _ width: Int) -> String {
        text.count <= width ? text : text.prefix(width - 1) + "…"
    }
}
