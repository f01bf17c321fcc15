/// Integers at places of a header or a table, in the byte order of the file.
struct ElfFields {
    private let octets: [UInt8]
    private let isLittleEndian: Bool

    init(_ octets: [UInt8], isLittleEndian: Bool) {
        self.octets = octets
        self.isLittleEndian = isLittleEndian
    }

    var count: Int { octets.count }

    /// - Precondition: the integer is within the octets.
    subscript<Value: FixedWidthInteger & UnsignedInteger>(_ offset: Int) -> Value {
        let places = octets[offset..<offset + MemoryLayout<Value>.size]
        return isLittleEndian
            ? places.reversed().reduce(0) { $0 << 8 | Value($1) } : places.reduce(0) { $0 << 8 | Value($1) }
    }
}
