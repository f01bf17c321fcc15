/// Finds what somebody probably meant to write.
enum Suggestion {
    /// Longer words are not compared: no name that we know comes near.
    static let longestWord = 40

    /// The candidate that differs least from `word`, or nil if all differ by more than a third of it.
    static func nearest(to word: some StringProtocol, among candidates: [String]) -> String? {
        let wanted = Array(word.lowercased().utf8)
        guard !wanted.isEmpty, wanted.count <= longestWord else { return nil }
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let distance = editDistance(wanted, Array(candidate.lowercased().utf8))
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        guard let best, best.distance <= max(1, best.candidate.utf8.count / 3) else { return nil }
        return best.candidate
    }

    /// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`
    /// (optimal string alignment).
    static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var beforePrevious: [Int] = []
        var previous = Array(0...b.count)
        for i in a.indices {
            var current = [i + 1]
            for j in b.indices {
                var least = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    least = min(least, beforePrevious[j - 1] + 1)
                }
                current.append(least)
            }
            beforePrevious = previous
            previous = current
        }
        return previous[b.count]
    }

    /// `a, b or c`.
    static func alternatives(_ words: [String]) -> String {
        guard words.count > 1, let last = words.last else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }

    /// What to do about a word that is not among `candidates`: the one that was meant, or all of them.
    static func remedy(for word: some StringProtocol, among candidates: [String]) -> String {
        if let nearest = nearest(to: word, among: candidates) { return "did you mean \(nearest)?" }
        return "write \(alternatives(candidates))"
    }
}
