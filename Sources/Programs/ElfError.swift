/// Why octets are not taken for a program.
public enum ElfError: Error, Equatable, CustomStringConvertible, Sendable {
    /// They do not begin as ELF does.
    case notElf
    /// They end before what they speak of.
    case cutOff
    /// A class, byte order or version that there is not.
    case badIdentification
    /// An object file, a core or the like.
    case notExecutable
    case badProgramHeaders
    case badInterpreter

    public var description: String {
        switch self {
        case .notElf: "it is not in the format ELF"
        case .cutOff: "it is cut off"
        case .badIdentification: "the header of ELF makes no sense"
        case .notExecutable: "it is ELF, but no program"
        case .badProgramHeaders: "its program headers make no sense"
        case .badInterpreter: "the path of its dynamic linker makes no sense"
        }
    }
}
