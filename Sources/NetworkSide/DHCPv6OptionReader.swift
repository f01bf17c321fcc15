internal import Mobility

/// One option of a received message: its number, and what is in it as far as it has not been read.
struct DHCPv6OptionReader {
    let number: UInt16
    private var body: OctetReader

    /// The next option of those that `reader` stands before; nil at the end.
    init?(_ reader: inout OctetReader, _ octets: Span<UInt8>) throws(DHCPv6DecodingError) {
        guard reader.count > 0 else { return nil }
        guard let number: UInt16 = reader.integer(octets), let length: UInt16 = reader.integer(octets),
            let body = reader.part(Int(length))
        else { throw .optionBeyondEnd }
        self.number = number
        self.body = body
    }

    private var wrongLength: DHCPv6DecodingError { .wrongLength(option: number) }

    var isAtEnd: Bool { body.count == 0 }

    mutating func integer<Value: FixedWidthInteger>(_ octets: Span<UInt8>) throws(DHCPv6DecodingError)
        -> Value
    {
        guard let value: Value = body.integer(octets) else { throw wrongLength }
        return value
    }

    /// An integer after which there is nothing.
    mutating func onlyInteger<Value: FixedWidthInteger>(
        _ octets: Span<UInt8>
    ) throws(DHCPv6DecodingError) -> Value {
        let value: Value = try integer(octets)
        try expectEnd()
        return value
    }

    func expectEnd() throws(DHCPv6DecodingError) {
        guard isAtEnd else { throw wrongLength }
    }

    /// All that is left, which may be as long as `limit`.
    mutating func rest(limit: Int, _ octets: Span<UInt8>) throws(DHCPv6DecodingError) -> [UInt8] {
        guard body.count <= limit, let rest = body.array(body.count, octets) else { throw wrongLength }
        return rest
    }

    /// As many octets as the next 16 bits say.
    mutating func counted(_ octets: Span<UInt8>) throws(DHCPv6DecodingError) -> [UInt8] {
        let length: UInt16 = try integer(octets)
        guard let array = body.array(Int(length), octets) else { throw wrongLength }
        return array
    }

    mutating func address(_ octets: Span<UInt8>) throws(DHCPv6DecodingError) -> IPv6Address {
        IPv6Address(high: try integer(octets), low: try integer(octets))
    }

    /// The next option of those that stand in this one; nil at the end.
    mutating func nested(_ octets: Span<UInt8>) throws(DHCPv6DecodingError) -> DHCPv6OptionReader? {
        try DHCPv6OptionReader(&body, octets)
    }
}
