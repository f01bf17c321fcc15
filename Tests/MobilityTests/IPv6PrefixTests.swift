import Testing

@testable import Mobility

@Suite("IPv6 prefixes")
struct IPv6PrefixTests {
    @Test(
        arguments: [
            (0, "::"), (1, "8000::"), (16, "ffff::"), (63, "ffff:ffff:ffff:fffe::"),
            (64, "ffff:ffff:ffff:ffff::"),
            (65, "ffff:ffff:ffff:ffff:8000::"), (127, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"),
            (128, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ] as [(UInt8, IPv6Address)])
    func bitsAfterTheLengthAreCleared(length: UInt8, expected: IPv6Address) {
        #expect(IPv6Prefix(IPv6Address(high: .max, low: .max), length: length).address == expected)
    }

    @Test func prefixesThatDifferAfterTheLengthAreOne() {
        #expect(IPv6Prefix("2001:db8::1", length: 64) == IPv6Prefix("2001:db8::2", length: 64))
        #expect(IPv6Prefix("2001:db8::", length: 64) != IPv6Prefix("2001:db8::", length: 63))
    }

    @Test func hostPrefixHoldsItsAddressOnly() {
        let host = IPv6Prefix(host: "2001:db8::1")
        #expect(host == "2001:db8::1/128")
        #expect(host.contains("2001:db8::1" as IPv6Address))
        #expect(!host.contains("2001:db8::" as IPv6Address))
    }

    @Test(
        arguments: [
            ("2001:db8:a::/56", "2001:db8:a::", true),
            ("2001:db8:a::/56", "2001:db8:a:ff:ffff:ffff:ffff:ffff", true),
            ("2001:db8:a::/56", "2001:db8:a:100::", false),
            ("2001:db8:a::/56", "2001:db8:9:ffff:ffff:ffff:ffff:ffff", false),
            ("::/0", "ffff::", true),
            ("2001:db8::8000:0:0:0/65", "2001:db8::8000:0:0:1", true),
            ("2001:db8::8000:0:0:0/65", "2001:db8::7fff:ffff:ffff:ffff", false),
        ] as [(IPv6Prefix, IPv6Address, Bool)])
    func contains(prefix: IPv6Prefix, address: IPv6Address, expected: Bool) {
        #expect(prefix.contains(address) == expected)
    }

    @Test(
        arguments: [
            ("2001:db8::/32", "2001:db8:a::/48", true),
            ("2001:db8::/32", "2001:db8::/32", true),
            ("2001:db8::/33", "2001:db8:8000::/33", false),
            ("::/0", "2001:db8::1/128", true),
            ("2001:db8::/64", "2001:db8:0:1::/64", false),
            ("2001:db8::1/128", "2001:db8::2/128", false),
        ] as [(IPv6Prefix, IPv6Prefix, Bool)])
    func overlapsEitherWay(a: IPv6Prefix, b: IPv6Prefix, expected: Bool) {
        #expect(a.overlaps(b) == expected)
        #expect(b.overlaps(a) == expected)
    }

    @Test(
        arguments: [
            ("fe80::", true), ("febf:ffff::1", true), ("fe7f:ffff::", false), ("fec0::", false),
            ("2001:db8::", false),
        ] as [(IPv6Address, Bool)])
    func linkLocal(address: IPv6Address, expected: Bool) {
        #expect(address.isLinkLocal == expected)
    }

    @Test func addressesSortAsNumbers() {
        let sorted: [IPv6Address] = [
            "::", "::1", "::ffff:ffff:ffff:ffff", "0:0:0:1::", "2001:db8::", "ffff::",
        ]
        #expect(sorted.reversed().sorted() == sorted)
    }

    @Test func leadingOnes() {
        #expect(UInt64.leadingOnes(-64) == 0)
        #expect(UInt64.leadingOnes(0) == 0)
        #expect(UInt64.leadingOnes(1) == 1 << 63)
        #expect(UInt64.leadingOnes(63) == UInt64.max - 1)
        #expect(UInt64.leadingOnes(64) == .max)
        #expect(UInt64.leadingOnes(128) == .max)
    }

    @Test func lengthBeyond128IsOurMistake() async {
        await #expect(processExitsWith: .failure) {
            _ = IPv6Prefix(.unspecified, length: 129)
        }
    }
}
