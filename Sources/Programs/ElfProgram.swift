/// How an ELF program of 64 bits is loaded, as the kernel sees it (elf(5), fs/binfmt_elf.c).
public struct ElfProgram: Equatable, Sendable {
    /// The path of its dynamic linker (PT_INTERP); nil if it is linked statically.
    public var interpreter: String?
    /// It was made by Go's linker, and makes system calls without libc.
    public var isGo: Bool

    /// Gives the octets of the file from an offset on: fewer than `count` where it ends, or cannot be read.
    public typealias Reading = (_ offset: UInt64, _ count: Int) -> [UInt8]

    /// Most octets of a part with notes that are looked at: the one that Go's linker makes is in its first.
    private static let noteLimit: UInt64 = 1 << 16
    /// PATH_MAX of the kernel, with the NUL at the end.
    private static let interpreterLimit: UInt64 = 4096

    /// - Parameter read: is asked for no more than 64 KiB at a time, and as often as there are program headers.
    /// - Throws: as the kernel does not run it, or, of a file of 32 bits, `badIdentification`.
    public init(_ read: Reading) throws(ElfError) {
        let header = read(0, Self.headerSize)
        let kind = try ElfKind(header)
        guard kind.isWide else { throw .badIdentification }
        guard header.count == Self.headerSize else { throw .cutOff }
        let fields = ElfFields(header, isLittleEndian: kind.isLittleEndian)
        // ET_EXEC and ET_DYN.
        guard (2...3).contains(fields[16] as UInt16) else { throw .notExecutable }
        let segments = try Self.segments(fields, kind, read)
        interpreter = try segments.first { $0.type == .interpreter }.map { segment throws(ElfError) in
            try Self.path(in: segment, read)
        }
        isGo = segments.contains { $0.type == .notes && Self.isOfGo($0, kind, read) }
    }

    // MARK: Program headers

    private struct Segment {
        enum Kind: UInt32 {
            case interpreter = 3
            case notes = 4
        }

        /// Nil of all that is not looked at.
        let type: Kind?
        let offset: UInt64
        let size: UInt64
    }

    private static let headerSize = 64
    private static let segmentHeaderSize = 56
    /// The kernel takes no more than 64 KiB of program headers.
    private static let segmentLimit = (1 << 16) / segmentHeaderSize

    private static func segments(
        _ header: ElfFields, _ kind: ElfKind, _ read: Reading
    ) throws(ElfError) -> [Segment] {
        let (offset, size, count) = (header[32] as UInt64, header[54] as UInt16, Int(header[56] as UInt16))
        guard Int(size) == segmentHeaderSize, (1...segmentLimit).contains(count) else {
            throw .badProgramHeaders
        }
        let table = ElfFields(
            read(offset, count * segmentHeaderSize), isLittleEndian: kind.isLittleEndian)
        guard table.count == count * segmentHeaderSize else { throw .cutOff }
        return (0..<count).map { index in
            let start = index * segmentHeaderSize
            return Segment(
                type: Segment.Kind(rawValue: table[start]), offset: table[start + 8], size: table[start + 32])
        }
    }

    // MARK: What is in segments

    private static func path(in segment: Segment, _ read: Reading) throws(ElfError) -> String {
        guard (2...interpreterLimit).contains(segment.size) else { throw .badInterpreter }
        let octets = read(segment.offset, Int(segment.size))
        guard octets.count == Int(segment.size) else { throw .cutOff }
        // What is behind the first NUL, the kernel does not see.
        guard octets.last == 0, let path = octets.split(separator: 0, omittingEmptySubsequences: false).first,
            !path.isEmpty
        else { throw .badInterpreter }
        return String(decoding: path, as: UTF8.self)
    }

    private static func isOfGo(_ segment: Segment, _ kind: ElfKind, _ read: Reading) -> Bool {
        let octets = read(segment.offset, Int(min(segment.size, noteLimit)))
        return ElfNotes(octets, isLittleEndian: kind.isLittleEndian).contains {
            // Its build identifier (cmd/link/internal/ld/elf.go, ELF_NOTE_GOBUILDID_TAG).
            $0.owner.elementsEqual("Go\0\0".utf8) && $0.type == 4
        }
    }
}
