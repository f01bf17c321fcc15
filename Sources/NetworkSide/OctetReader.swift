/// A place in received octets, up to which they have been read, and the end of the part that may be read.
///
/// The octets themselves are passed to every call, always the same: a span cannot be kept in a value that lives on.
struct OctetReader {
    private var position = 0
    private let end: Int

    /// Reads all of the octets.
    init(_ octets: Span<UInt8>) { end = octets.count }

    private init(_ range: Range<Int>) {
        position = range.lowerBound
        end = range.upperBound
    }

    /// Octets that are left.
    var count: Int { end - position }

    /// The next integer, in network byte order; nil if there are not as many octets.
    mutating func integer<Value: FixedWidthInteger>(_ octets: Span<UInt8>) -> Value? {
        guard let part = part(MemoryLayout<Value>.size) else { return nil }
        var value: Value = 0
        for index in part.position..<part.end {
            value = value << 8 | Value(truncatingIfNeeded: octets[index])
        }
        return value
    }

    /// The next `count` octets; nil if there are not as many.
    mutating func array(_ count: Int, _ octets: Span<UInt8>) -> [UInt8]? {
        guard let part = part(count) else { return nil }
        return (part.position..<part.end).map { octets[$0] }
    }

    /// A reader of the next `count` octets, which this one skips; nil if there are not as many.
    mutating func part(_ count: Int) -> OctetReader? {
        guard count <= self.count else { return nil }
        defer { position += count }
        return OctetReader(position..<position + count)
    }
}
