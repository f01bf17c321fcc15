import Testing

@testable import Mobility

/// The test vectors of the SipHash paper, appendix A: key 00 01 … 0f, message 00 01 … 0e, from the table
/// that comes with the reference implementation, for messages of 0, 8 and 16 octets.
@Suite struct SipHashTests {
    private let key = Secret(high: 0x0f0e_0d0c_0b0a_0908, low: 0x0706_0504_0302_0100)

    @Test(
        arguments: [
            (0, 0x726f_db47_dd0e_0e31), (1, 0x93f5_f579_9a93_2462), (2, 0x3f2a_cc7f_57c2_9bdb),
        ] as [(UInt64, UInt64)])
    func referenceVectors(words: UInt64, expected: UInt64) {
        var hash = SipHash(key: key)
        for word in 0..<words { hash.absorb(0x0706_0504_0302_0100 &+ word &* 0x0808_0808_0808_0808) }
        #expect(hash.finish() == expected)
    }
}
