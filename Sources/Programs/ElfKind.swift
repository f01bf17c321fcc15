/// For which machines an ELF file is. What one process loads is all of one kind.
public struct ElfKind: Equatable, Sendable {
    /// 64 bits, else 32.
    public var isWide: Bool
    public var isLittleEndian: Bool
    /// EM_X86_64 and so on, of `elf.h`.
    public var machine: UInt16

    public init(isWide: Bool, isLittleEndian: Bool, machine: UInt16) {
        self.isWide = isWide
        self.isLittleEndian = isLittleEndian
        self.machine = machine
    }

    /// How many octets `init(_:)` needs.
    public static let headerSize = 24

    /// - Parameter header: the first octets of the file; those after `headerSize` are not looked at.
    public init(_ header: [UInt8]) throws(ElfError) {
        guard header.starts(with: Self.magic) else { throw .notElf }
        guard header.count >= Self.headerSize else { throw .cutOff }
        guard (1...2).contains(header[4]), (1...2).contains(header[5]), header[6] == 1 else {
            throw .badIdentification
        }
        isWide = header[4] == 2
        isLittleEndian = header[5] == 1
        machine = ElfFields(header, isLittleEndian: isLittleEndian)[18]
    }

    /// What every ELF file begins with.
    public static let magic: [UInt8] = [0x7F] + "ELF".utf8
}
