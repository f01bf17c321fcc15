import FuzzCorpus
import Mobility
import NetworkSide
import Testing

@Suite("Router Advertisements") struct RouterAdvertisementTests {
    /// RFC 4861, section 4.2, with one option of section 4.6.2.
    private static let message: [UInt8] = [
        134, 0, 0, 0,  // type, code, checksum
        64, 0, 0x07, 0x08,  // hop limit for hosts to use, flags, router lifetime 1,800 s
        0, 0, 0, 0, 0, 0, 0, 0,  // reachable time, retransmission timer
        3, 4, 64, 0xc2,  // Prefix Information, 4 × 8 octets, /64, on-link, autonomous, SrvTp 2
        0, 0, 0x0e, 0x10,  // valid for 3,600 s
        0, 0, 0x02, 0x58,  // preferred for 600 s
        0, 0, 0, 0,  // reserved
        0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ]

    @Test func isReadFieldByField() throws {
        let message = try RouterAdvertisement(Self.message.span, from: "fe80::1", hopLimit: 255)
        #expect(message.routerLifetimeSeconds == 1_800)
        #expect(
            message.prefixes == [
                PrefixInformation(
                    prefix: "2001:db8:1::/64", isOnLink: true, isAutonomous: true, type: .sessionLasting,
                    validSeconds: 3_600, preferredSeconds: 600)
            ])
    }

    @Test(
        arguments: [
            (0xc0, nil), (0xc1, .nonPersistent), (0xc2, .sessionLasting), (0xc3, .fixed),
            (0xc4, .gracefulReplacement),
            (0xc5, nil), (0xc6, nil), (0xc7, nil), (0xf8, nil), (0xfa, .sessionLasting),
        ] as [(UInt8, ContinuityType?)])
    func theLowThreeFlagBitsAreTheType(flags: UInt8, type: ContinuityType?) throws {
        var octets = Self.message
        octets[19] = flags
        let message = try RouterAdvertisement(octets.span, from: "fe80::1", hopLimit: 255)
        #expect(message.prefixes.map(\.type) == [type])
    }

    @Test(
        arguments: [(0xc0, true, true), (0x80, true, false), (0x40, false, true), (0x20, false, false)]
            as [(UInt8, Bool, Bool)])
    func theHighFlagBitsAreThoseOfTheStandard(flags: UInt8, isOnLink: Bool, isAutonomous: Bool) throws {
        var octets = Self.message
        octets[19] = flags
        let prefix = try #require(
            try RouterAdvertisement(octets.span, from: "fe80::1", hopLimit: 255).prefixes.first)
        #expect(prefix.isOnLink == isOnLink && prefix.isAutonomous == isAutonomous)
    }

    @Test func bitsAfterThePrefixAreIgnored() throws {
        var octets = Self.message
        octets[47] = 0xff
        let message = try RouterAdvertisement(octets.span, from: "fe80::1", hopLimit: 255)
        #expect(message.prefixes.map(\.prefix) == ["2001:db8:1::/64"])
    }

    /// It could be anybody's (RFC 4861, section 6.1.2).
    @Test(arguments: [0, 1, 64, 254] as [UInt8]) func fromAnotherLinkIsRefused(hopLimit: UInt8) {
        #expect(throws: RouterAdvertisementError.hopLimit(hopLimit)) {
            try RouterAdvertisement(Self.message.span, from: "fe80::1", hopLimit: hopLimit)
        }
    }

    @Test(arguments: ["2001:db8::1", "::1", "::", "ff02::1", "fec0::1"] as [IPv6Address])
    func fromAnAddressThatIsNotLinkLocalIsRefused(source: IPv6Address) {
        #expect(throws: RouterAdvertisementError.foreignSource(source)) {
            try RouterAdvertisement(Self.message.span, from: source, hopLimit: 255)
        }
    }

    @Test func aMessageCutOffAnywhereIsRefusedOrHasNoPrefix() throws {
        for length in 0..<Self.message.count {
            let octets = Array(Self.message.prefix(length))
            let message = try? RouterAdvertisement(octets.span, from: "fe80::1", hopLimit: 255)
            #expect((message == nil) == (length != 16))
        }
    }

    @Test func anOptionAloneIsRead() {
        let option = Array(Self.message.dropFirst(16))
        #expect(PrefixInformation(option: option.span)?.prefix == "2001:db8:1::/64")
        let others = [Array(option.dropLast()), [1] + option.dropFirst(), [3, 3] + option.dropFirst(2)]
        for other in others { #expect(PrefixInformation(option: other.span) == nil) }
    }

    /// A prefix is what is left of it after its length, whatever is spelled.
    @Test(
        arguments: [
            ("fefc::", 9), ("fe80::", 10), ("fe80::", 64), ("febf:ffff::", 64), ("fec0::", 9), ("ff02::", 64),
            ("ff00::", 8), ("fe00::", 7), ("::", 64), ("::", 0), ("2001:db8::", 0), ("::1", 128), ("::", 96),
            ("::ffff:c000:200", 120), ("2001:db8::", 15),
        ] as [(IPv6Address, UInt8)])
    func aPrefixThatNobodyGivesIsIgnored(address: IPv6Address, length: UInt8) {
        #expect(PrefixInformation(option: Self.option(address, length).span) == nil)
    }

    @Test(
        arguments: ["fec0::/16", "fd00::/16", "2001::/16", "2001:db8::1/128", "0:0:0:1::/64"] as [IPv6Prefix])
    func otherPrefixesAreBelieved(prefix: IPv6Prefix) {
        let option = Self.option(prefix.address, prefix.length)
        #expect(PrefixInformation(option: option.span)?.prefix == prefix)
    }

    private static func option(_ address: IPv6Address, _ length: UInt8) -> [UInt8] {
        let octets = [address.high, address.low].flatMap { half in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> UInt64($0)) }
        }
        return Array(message[16..<18]) + [length] + message[19..<32] + octets
    }

    // MARK: What fuzzing begins with

    static let corpus = FuzzCorpus("corpus/router-advertisement")

    @Test func theCorpusIsThere() { #expect(Self.corpus.names.count >= 21) }

    /// The first line of each file says what it is.
    @Test(arguments: corpus.names) func isWhatTheCorpusSays(name: String) throws {
        let (expected, octets) = try Self.corpus.read(name)
        let outcome: String
        do {
            let message = try RouterAdvertisement(octets.span, from: "fe80::1", hopLimit: 255)
            outcome = message.prefixes.count == 1 ? "1 prefix" : "\(message.prefixes.count) prefixes"
        } catch {
            outcome = error.description
        }
        #expect(outcome == expected)
    }
}
