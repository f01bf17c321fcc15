import Testing

@testable import odmctl

@Suite struct SpellingTests {
    @Test(arguments: [
        ("", "", 0), ("", "ab", 2), ("ab", "", 2), ("adresses", "addresses", 1), ("satus", "status", 1),
        ("staust", "status", 2), ("kitten", "sitting", 3),
    ])
    func distances(one: String, other: String, distance: Int) {
        #expect(Spelling.distance(one, other) == distance)
    }

    @Test(
        arguments: [
            ("adresses", "addresses"), ("hmoe", "home"), ("relase", "release"), ("sources", "sources"),
            ("x", nil),
            ("nonsense", nil),
        ] as [(String, String?)])
    func whatWasMeant(written: String, word: String?) {
        #expect(Spelling.nearest(to: written, among: ["home", "addresses", "release", "sources"]) == word)
    }
}
