/// Guesses what somebody meant.
enum Spelling {
    /// The word that is nearest to what was written; nil if none is near.
    static func nearest(to written: String, among words: [String]) -> String? {
        let near = words.map { (word: $0, distance: distance(written, $0)) }.min { $0.distance < $1.distance }
        // A third of it may be wrong.
        guard let near, near.distance <= max(1, near.word.count / 3) else { return nil }
        return near.word
    }

    /// How many characters must be put in, taken out, replaced or swapped with the next (optimal string alignment).
    static func distance(_ one: String, _ other: String) -> Int {
        let (one, other) = (Array(one), Array(other))
        var (before, last) = ([Int](), Array(0...other.count))
        for (i, character) in one.enumerated() {
            var row = [i + 1]
            for (j, counterpart) in other.enumerated() {
                var least = min(last[j + 1] + 1, row[j] + 1, last[j] + (character == counterpart ? 0 : 1))
                if i > 0, j > 0, character == other[j - 1], one[i - 1] == counterpart {
                    least = min(least, before[j - 1] + 1)
                }
                row.append(least)
            }
            (before, last) = (last, row)
        }
        return last[other.count]
    }
}
