/// A program of 64 bits in the format ELF, octet by octet: its headers first, then what they point to.
struct ElfFixture {
    struct Segment {
        var type: UInt32
        var contents: [UInt8]
    }

    static let interpreter = "/lib64/ld-linux-x86-64.so.2"

    var isLittleEndian = true
    var type: UInt16 = 3
    var machine: UInt16 = 62
    var segments: [Segment] = []

    mutating func add(interpreter path: String) {
        segments.append(Segment(type: 3, contents: Array(path.utf8) + [0]))
    }

    mutating func add(notes: [UInt8]) { segments.append(Segment(type: 4, contents: notes)) }

    func note(_ owner: String, type: UInt32, contents: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]) -> [UInt8] {
        // Sizes, type, and both texts padded to four octets.
        let owner = Array(owner.utf8) + [0]
        return integer(UInt32(owner.count)) + integer(UInt32(contents.count)) + integer(type) + padded(owner)
            + padded(contents)
    }

    var octets: [UInt8] {
        var header: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, isLittleEndian ? 1 : 2, 1, 0]
        header += [UInt8](repeating: 0, count: 8)
        header += integer(type) + integer(machine) + integer(UInt32(1))
        header += integer(UInt64(0x1000))  // where it begins
        header += integer(UInt64(64))  // program headers: right behind this one
        header += integer(UInt64(0)) + integer(UInt32(0))  // no sections, no flags
        header += integer(UInt16(64)) + integer(UInt16(56)) + integer(UInt16(segments.count))
        header += integer(UInt16(64)) + integer(UInt16(0)) + integer(UInt16(0))
        var offset = UInt64(64 + 56 * segments.count)
        var (table, contents): ([UInt8], [UInt8]) = ([], [])
        for segment in segments {
            let size = UInt64(segment.contents.count)
            table += integer(segment.type) + integer(UInt32(4))  // readable
            table += integer(offset) + integer(offset) + integer(offset) + integer(size) + integer(size)
            table += integer(UInt64(4))
            contents += segment.contents
            offset += size
        }
        return header + table + contents
    }

    private func integer<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        unsafe withUnsafeBytes(of: isLittleEndian ? value.littleEndian : value.bigEndian) { unsafe Array($0) }
    }

    private func padded(_ octets: [UInt8]) -> [UInt8] {
        octets + [UInt8](repeating: 0, count: -octets.count & 3)
    }
}
