import Mobility
import Testing

@Suite("Patterns of interface names") struct InterfacePatternTests {
    @Test(arguments: [
        ("wlan0", "wlan0"), ("wl*", "wlan0"), ("wl*", "wl"), ("*", "eth0"), ("eth?", "eth0"), ("*0", "wlan0"),
        ("w*n*0", "wlan0"), ("en[ps]*", "enp3s0"), ("eth[0-9]", "eth7"), ("eth[!1-9]", "eth0"),
        ("a[]]", "a]"),
        ("a[-z]", "a-"), ("a[z-]", "a-"), ("*a*a*a*", "aaa"),
    ])
    func match(pattern: String, name: String) throws {
        let pattern = try #require(InterfacePattern(pattern))
        #expect(pattern.matches(try #require(InterfaceName(name))))
    }

    @Test(arguments: [
        ("wlan0", "wlan1"), ("wlan0", "wlan"), ("wl", "wlan0"), ("wl*", "eth0"), ("eth?", "eth"),
        ("eth?", "eth10"),
        ("en[ps]*", "enx3"), ("eth[!1-9]", "eth1"), ("*a*a*a*", "aa"),
    ])
    func doNotMatch(pattern: String, name: String) throws {
        let pattern = try #require(InterfacePattern(pattern))
        #expect(!pattern.matches(try #require(InterfaceName(name))))
    }

    /// Each way to share a name out among the stars is tried: 15 octets among a thousand would take for ever.
    @Test func manyStarsAreNoWork() throws {
        let pattern = try #require(InterfacePattern(String(repeating: "*", count: 1000) + "b"))
        #expect(!pattern.matches("aaaaaaaaaaaaaaa"))
        #expect(pattern.matches("aaaaaaaaaaaaaab"))
    }

    @Test(arguments: ["", "a b", "a/b", "a:b", "eth[0", "eth[", "eth[]", "\t", "[!]"])
    func isNone(text: String) {
        #expect(InterfacePattern(text) == nil)
    }
}
