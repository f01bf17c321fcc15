/// A 128-bit secret key.
public struct Secret: Equatable, Sendable {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// SipHash-2-4 (Aumasson and Bernstein, 2012): a pseudorandom function from 64-bit words to 64 bits, which is
/// exactly what an interface identifier needs.
package struct SipHash {
    private var v0, v1, v2, v3: UInt64
    private var wordCount: UInt64 = 0

    package init(key: Secret) {
        v0 = key.low ^ 0x736f_6d65_7073_6575
        v1 = key.high ^ 0x646f_7261_6e64_6f6d
        v2 = key.low ^ 0x6c79_6765_6e65_7261
        v3 = key.high ^ 0x7465_6462_7974_6573
    }

    package mutating func absorb(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
        wordCount += 1
    }

    /// The hash of the words absorbed so far.
    package consuming func finish() -> UInt64 {
        absorb(wordCount &* 8 << 56)
        v2 ^= 0xff
        for _ in 0..<4 { round() }
        return v0 ^ v1 ^ v2 ^ v3
    }

    @inline(__always)
    private mutating func round() {
        v0 &+= v1
        v2 &+= v3
        v1 = v1.rotatedLeft(13) ^ v0
        v3 = v3.rotatedLeft(16) ^ v2
        v0 = v0.rotatedLeft(32)
        v2 &+= v1
        v0 &+= v3
        v1 = v1.rotatedLeft(17) ^ v2
        v3 = v3.rotatedLeft(21) ^ v0
        v2 = v2.rotatedLeft(32)
    }
}

extension UInt64 {
    @inline(__always)
    fileprivate func rotatedLeft(_ count: UInt64) -> UInt64 { self << count | self >> (64 - count) }
}
