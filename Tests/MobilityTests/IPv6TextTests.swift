import Testing

@testable import Mobility

@Suite("IPv6 addresses as text")
struct IPv6TextTests {
    /// RFC 5952, section 4, on the right.
    @Test(
        arguments: [
            (0, 0, "::"),
            (0, 1, "::1"),
            (0x2001_0db8_0000_0000, 0, "2001:db8::"),
            (0x2001_0db8_0000_0000, 1, "2001:db8::1"),
            // One zero word is not shortened (4.2.2).
            (0x2001_0db8_0000_0001, 0x0001_0001_0001_0001, "2001:db8:0:1:1:1:1:1"),
            // Of two runs the longer (4.2.3) …
            (0x2001_0000_0000_0001, 0x0000_0000_0000_0001, "2001:0:0:1::1"),
            (0x2001_0000_0000_0000, 0x0001_0000_0000_0001, "2001::1:0:0:1"),
            // … and of two as long the first.
            (0x2001_0db8_0000_0000, 0x0001_0000_0000_0001, "2001:db8::1:0:0:1"),
            // Leading zeros go (4.1), digits are small (4.3).
            (0x0123_0abc_000d_ef00, 0x0001_0020_0300_4000, "123:abc:d:ef00:1:20:300:4000"),
            (0xffff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            (0x0001_0000_0000_0000, 0, "1::"),
            (0, 0xffff_c000_0201, "::ffff:c000:201"),
            (0x0000_0001_0002_0003, 0x0004_0005_0006_0007, "0:1:2:3:4:5:6:7"),
            (0x0001_0002_0003_0004, 0x0005_0006_0007_0000, "1:2:3:4:5:6:7:0"),
        ] as [(UInt64, UInt64, String)])
    func isWrittenAndReadBack(high: UInt64, low: UInt64, text: String) {
        let address = IPv6Address(high: high, low: low)
        #expect(address.description == text)
        #expect(IPv6Address(text) == address)
    }

    /// Forms that are read, and how they are written.
    @Test(arguments: [
        ("2001:DB8::A", "2001:db8::a"),
        ("2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"),
        ("0:0:0:0:0:0:0:0", "::"),
        ("::0", "::"),
        ("0::", "::"),
        ("1::8", "1::8"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("1::3:4:5:6:7:8", "1:0:3:4:5:6:7:8"),
    ])
    func otherFormsAreRead(text: String, written: String) {
        #expect(IPv6Address(text)?.description == written)
    }

    @Test(arguments: [
        "", ":", ":::", "1", "1:", ":1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", ":2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "1::2::3", "1:::2",
        "::12345", "::00001", "::g", "::-1", "::+1", ":: 1", " ::1", "::1 ", "::1%eth0", "::1/128",
        "::ffff:192.0.2.1", "192.0.2.1", "::ａ", "::١", "2001:db8::\u{301}1", "[::1]", "::\0",
        "00000000000000000000000000000000000000::",
    ])
    func othersAreRefused(text: String) {
        #expect(IPv6Address(text) == nil)
    }

    @Test func everyAddressIsReadBack() {
        var generator = SystemRandomNumberGenerator()
        // Words that are zero every other time make runs of every length.
        func half() -> UInt64 {
            (0..<4).reduce(0) { half, _ in
                half << 16
                    | (Bool.random(using: &generator) ? 0 : UInt64.random(in: 0...0xffff, using: &generator))
            }
        }
        for _ in 0..<2_000 {
            let address = IPv6Address(high: half(), low: half())
            #expect(IPv6Address(address.description) == address)
        }
    }

    @Test(
        arguments: [
            ("2001:db8:a::/56", "2001:db8:a::", 56),
            ("::/0", "::", 0),
            ("2001:db8::1/128", "2001:db8::1", 128),
            ("8000::/1", "8000::", 1),
            ("2001:db8:0:8000::/49", "2001:db8:0:8000::", 49),
            ("2001:DB8::/032", "2001:db8::", 32),
        ] as [(String, IPv6Address, UInt8)])
    func prefixIsRead(text: String, address: IPv6Address, length: UInt8) {
        let prefix = IPv6Prefix(text)
        #expect(prefix?.address == address)
        #expect(prefix?.length == length)
        #expect(prefix?.description == "\(address)/\(length)")
    }

    @Test(arguments: [
        "", "/", "::", "::/", "/64", "::/129", "::/256", "::/-1", "::/+1", "::/1/2", "::/ 1", "::/x", "::/½",
        "2001:db8::1/64", "2001:db8:0:8000::/48", "1::/0", "192.0.2.0/24", "::/٣",
    ])
    func otherPrefixesAreRefused(text: String) {
        #expect(IPv6Prefix(text) == nil)
    }
}
