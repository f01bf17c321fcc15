/// An IPv6 address.
public struct IPv6Address: Hashable, Sendable {
    /// The first eight octets as one number: 2001:db8:: has 0x2001_0db8_0000_0000 here.
    public let high: UInt64
    /// The last eight octets.
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The 16 octets in network order, as in a sockaddr_in6.
    public var octets: [UInt8] {
        [high, low].flatMap { half in
            stride(from: UInt64(56), through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> $0) }
        }
    }

    /// Nil for the unspecified address, by which frames say that there is none.
    init?(high: UInt64, orNoneWith low: UInt64) {
        guard high | low != 0 else { return nil }
        self.init(high: high, low: low)
    }
}

extension IPv6Address: CustomStringConvertible {
    /// As RFC 5952 recommends: "2001:db8::1".
    public var description: String { SystemCalls.text(ofAddress: octets) }
}
