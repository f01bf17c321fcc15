internal import Mobility

/// Octets that are put one after the other; integers in network byte order.
struct OctetWriter {
    private(set) var octets: [UInt8] = []

    mutating func put<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) {
        for shift in stride(from: Value.bitWidth - 8, through: 0, by: -8) {
            octets.append(UInt8(truncatingIfNeeded: value >> Value(shift)))
        }
    }

    mutating func put(_ more: [UInt8]) { octets += more }

    mutating func put(_ address: IPv6Address) {
        put(address.high)
        put(address.low)
    }

    /// Puts what `body` puts, preceded by its length in 16 bits.
    mutating func counted(_ body: (inout OctetWriter) -> Void) {
        let start = octets.count
        put(0 as UInt16)
        body(&self)
        let length = octets.count - start - 2
        precondition(length <= UInt16.max, "what is written has less than 64 KiB")
        octets[start] = UInt8(length >> 8)
        octets[start + 1] = UInt8(length & 0xff)
    }
}
