/// An IPv6 prefix: the leading bits that its addresses share. The other bits of `address` are zero.
public struct IPv6Prefix: Hashable, Sendable {
    public let address: IPv6Address
    /// Bits, 0 to 128.
    public let length: UInt8

    /// Clears the bits after the prefix length.
    ///
    /// - Precondition: `length` is at most 128.
    public init(_ address: IPv6Address, length: UInt8) {
        precondition(length <= 128, "an IPv6 prefix has at most 128 bits")
        self.address = address.masked(to: length)
        self.length = length
    }

    /// The prefix that holds one address and no other.
    public init(host address: IPv6Address) {
        self.init(address, length: 128)
    }

    /// ::/0.
    public static let everything = IPv6Prefix(.unspecified, length: 0)

    public func contains(_ other: IPv6Address) -> Bool { other.masked(to: length) == address }

    public func overlaps(_ other: IPv6Prefix) -> Bool {
        length <= other.length ? contains(other.address) : other.contains(address)
    }
}

extension IPv6Address {
    func masked(to length: UInt8) -> IPv6Address {
        IPv6Address(
            high: high & UInt64.leadingOnes(Int(length)), low: low & UInt64.leadingOnes(Int(length) - 64))
    }
}

extension UInt64 {
    /// `count` ones followed by zeros; all zeros for a count below 1, all ones for one above 63.
    static func leadingOnes(_ count: Int) -> UInt64 {
        count <= 0 ? 0 : count >= 64 ? .max : ~(UInt64.max >> UInt64(count))
    }
}
