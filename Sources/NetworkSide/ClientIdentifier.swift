internal import Mobility

/// A DHCPv6 client's name for itself: a DUID-UUID (RFC 8415, section 11.5).
public struct ClientIdentifier: Equatable, Sendable {
    /// 18 octets: the type, 4, and the UUID.
    public let octets: [UInt8]

    public init(uuid: UInt128) {
        var writer = OctetWriter()
        writer.put(4 as UInt16)
        writer.put(uuid)
        octets = writer.octets
    }

    /// An identifier that is always the same on this machine, and from which the machine's identifier cannot be
    /// computed: that is a secret from the network (machine-id(5)).
    ///
    /// - Parameter machine: /etc/machine-id, 32 hexadecimal digits.
    public init(machine: UInt128) {
        let key = Secret(
            high: UInt64(truncatingIfNeeded: machine >> 64), low: UInt64(truncatingIfNeeded: machine))
        let halves = ([0, 1] as [UInt64]).map { half in
            var hash = SipHash(key: key)
            for word in Self.application { hash.absorb(word) }
            hash.absorb(half)
            return hash.finish()
        }
        self.init(uuid: Self.asRandom(UInt128(halves[0]) << 64 | UInt128(halves[1])))
    }

    /// Drawn once, so that no other program computes the same from the machine's identifier.
    private static let application: [UInt64] = [0x6f64_6d64_2044_5549, 0x9b1c_52e7_40fd_a836]

    /// Sets the bits that tell a random UUID: version 4 and variant 10 (RFC 9562, section 5.4).
    private static func asRandom(_ uuid: UInt128) -> UInt128 {
        let version: UInt128 = 0xf << 76
        let variant: UInt128 = 3 << 62
        return uuid & ~version & ~variant | 4 << 76 | 2 << 62
    }
}
