/// The notes in a part of an ELF file, as far as they make sense: who made them, and of what type they are.
///
/// What a note says is padded to four octets; Linux knows no other, but for one of its own that is not looked at.
struct ElfNotes: Sequence, IteratorProtocol {
    struct Note: Equatable {
        /// With the NUL at its end.
        var owner: ArraySlice<UInt8>
        var type: UInt32
    }

    private static let headerSize = 12

    private let octets: [UInt8]
    private let fields: ElfFields
    private var position = 0

    init(_ octets: [UInt8], isLittleEndian: Bool) {
        self.octets = octets
        fields = ElfFields(octets, isLittleEndian: isLittleEndian)
    }

    mutating func next() -> Note? {
        guard octets.count - position >= Self.headerSize else { return nil }
        let (ownerSize, size) = (Int(fields[position] as UInt32), Int(fields[position + 4] as UInt32))
        let type: UInt32 = fields[position + 8]
        let start = position + Self.headerSize
        guard ownerSize <= octets.count - start else { return nil }
        // The last one need not be padded.
        position = Swift.min(start + Self.padded(ownerSize) + Self.padded(size), octets.count)
        return Note(owner: octets[start..<start + ownerSize], type: type)
    }

    private static func padded(_ size: Int) -> Int { (size + 3) & ~3 }
}
