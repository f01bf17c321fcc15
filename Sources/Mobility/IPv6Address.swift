/// An IPv6 address as two halves of its 128 bits, so that it compares and hashes as integers do.
public struct IPv6Address: Hashable, Sendable {
    /// Octets 0–7, the first octet in the most significant bits.
    public var high: UInt64
    /// Octets 8–15: the interface identifier of an address in a /64.
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    public static let unspecified = IPv6Address(high: 0, low: 0)

    /// fe80::/10.
    public var isLinkLocal: Bool { high >> 54 == 0x3fa }
}

extension IPv6Address: Comparable {
    public static func < (a: Self, b: Self) -> Bool { (a.high, a.low) < (b.high, b.low) }
}
