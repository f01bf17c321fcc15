import Testing

@testable import Daemon

@Suite("Numbers of octets")
struct ConfigurationByteCountTests {
    @Test(arguments: [
        ("0", 0), ("1", 1), ("200000", 200_000), ("00010", 10), ("7B", 7), ("64K", 65_536), ("64 K", 65_536),
        ("64M", 67_108_864), ("1G", 1_073_741_824), ("2T", 2_199_023_255_552),
        ("9223372036854775806", 9_223_372_036_854_775_806),
    ])
    func areRead(text: String, octets: Int) {
        #expect(ByteCount(text) == .octets(octets))
    }

    @Test(arguments: [
        "", " ", "K", "M64", "-1", "+1", "-64M", "1,5M", "1.5M", "64k", "64m", "64MB", "64MiB", "64 M B",
        "64M 1K", "64MM", "0x10", "1e6", "١", "infinity", "99999999999999999999 parsecs",
    ])
    func areRefused(text: String) {
        #expect(ByteCount(text) == nil)
    }

    @Test(arguments: [
        "9223372036854775808", "99999999999999999999", "8388608T", "9007199254740992K",
        "99999999999999999999G",
    ])
    func areTooLarge(text: String) {
        #expect(ByteCount(text) == .tooLarge)
    }
}
