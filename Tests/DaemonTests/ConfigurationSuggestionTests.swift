import Testing

@testable import Daemon

@Suite("Suggestions")
struct ConfigurationSuggestionTests {
    @Test(arguments: [
        ("", "", 0), ("abc", "abc", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abd", 1), ("abc", "ab", 1),
        ("ab", "abc", 1), ("abc", "acb", 1), ("kitten", "sitting", 3), ("ca", "abc", 3),
    ])
    func distance(a: String, b: String, expected: Int) {
        #expect(Suggestion.editDistance(Array(a.utf8), Array(b.utf8)) == expected)
    }

    @Test(arguments: [
        ("LingerSecs", "LingerSec"), ("lingersec", "LingerSec"), ("Linger", "LingerSec"), ("Shaer", "Share"),
        ("Colour", nil), ("", nil), (String(repeating: "x", count: 1_000), nil),
    ])
    func nearest(word: String, expected: String?) {
        #expect(Suggestion.nearest(to: word, among: ["Share", "LingerSec"]) == expected)
    }

    @Test(arguments: [([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")])
    func alternatives(words: [String], expected: String) {
        #expect(Suggestion.alternatives(words) == expected)
    }

    @Test(arguments: [
        ("plain", "plain"), ("a\u{1b}[31m", "a\\u{1b}[31m"), ("\u{202e}x", "\\u{202e}x"), ("ü→😀", "ü→😀"),
        (String(repeating: "x", count: 100), String(repeating: "x", count: 100)),
        (String(repeating: "x", count: 101), String(repeating: "x", count: 100) + "…"),
    ])
    func excerpts(text: String, expected: String) {
        #expect(Excerpt.of(text) == expected)
    }
}
