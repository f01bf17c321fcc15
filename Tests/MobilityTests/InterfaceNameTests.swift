import Testing

@testable import Mobility

@Suite("Names of interfaces")
struct InterfaceNameTests {
    @Test(arguments: [
        "a", "lo", "eth0", "wlan0", "enp0s31f", "enp0s31f6", "wlx00c0ca982cb", "eth0.100", "br-lan", "...",
        "ü", "a@b",
        "*", "123456789012345",
    ])
    func areTakenAndGivenBack(text: String) {
        #expect(InterfaceName(text)?.description == text)
    }

    @Test(arguments: [
        "", ".", "..", "eth/0", "eth0:1", "a b", " a", "a\t", "a\n", "a\0", "\u{1}", "1234567890123456",
        // 16 octets in 8 characters.
        "üüüüüüüü",
    ])
    func areRefused(text: String) {
        #expect(InterfaceName(text) == nil)
    }

    @Test func areEqualIfTheirOctetsAre() {
        #expect(InterfaceName("eth0") == InterfaceName("eth0"))
        #expect(InterfaceName("eth0") != InterfaceName("eth1"))
        #expect(InterfaceName("eth0eth0") != InterfaceName("eth0eth00"))
        #expect(InterfaceName("eth0eth0a") != InterfaceName("eth0eth0b"))
        #expect(InterfaceName("é") != InterfaceName("e\u{301}"))
    }

    @Test func literalThatIsNoneIsOurMistake() async {
        await #expect(processExitsWith: .failure) {
            let name: InterfaceName = "a/b"
            _ = name
        }
    }
}
