import Testing

@testable import Mobility

@Suite struct GlobTests {
    @Test(arguments: [
        ("nginx.service", "nginx.service", true), ("nginx.service", "nginx.services", false),
        ("voip-*.service", "voip-1.service", true), ("voip-*.service", "voip-.service", true),
        ("voip-*.service", "avoip-1.service", false), ("*", "", true), ("**", "a", true), ("?", "", false),
        ("a*b*c", "a-b-b-c", true), ("a*b*c", "a-b-c-d", false), ("*.s[!c]ice", "x.slice", true),
        ("[a-c]*z", "bz", true), ("[a-c]*z", "dz", false),
    ])
    func matches(pattern: String, name: String, isMatch: Bool) throws {
        #expect(try #require(Glob(pattern)).matches(name) == isMatch)
    }

    /// A matcher that goes back for each `*` would take longer than the world has been there.
    @Test func manyStarsTakeNoLonger() throws {
        let pattern = try #require(Glob(String(repeating: "a*", count: 100) + "b"))
        #expect(!pattern.matches(String(repeating: "a", count: 250)))
    }

    @Test(arguments: ["", "a b", "a/b", "a[b"])
    func isNoPatternOfUnits(text: String) {
        #expect(UnitPattern(text) == nil)
    }
}
