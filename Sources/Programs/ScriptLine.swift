/// The first line of a script, which names the program that runs it (execve(2); the kernel's fs/binfmt_script.c).
public struct ScriptLine: Equatable, Sendable {
    public var interpreter: String
    /// All that follows is one argument.
    public var argument: String?

    /// How many octets of a file the kernel looks at (BINPRM_BUF_SIZE).
    public static let limit = 256
    /// How many scripts may stand one behind the other, each run by the next.
    public static let depthLimit = 5

    /// Nil if the file is no script, or one whose line the kernel does not take.
    ///
    /// - Parameter beginning: its octets, those after `limit` are not looked at.
    public init?(_ beginning: [UInt8]) {
        let seen = beginning.prefix(Self.limit)
        guard seen.starts(with: "#!".utf8) else { return nil }
        let line = seen.dropFirst(2).prefix { $0 != 0x0A && $0 != 0 }
        let words = line.split(maxSplits: 1, whereSeparator: Self.isBlank)
        guard let first = words.first else { return nil }
        // A path that goes on where nobody looks is none.
        guard line.endIndex < seen.endIndex || seen.count < Self.limit || words.count > 1 else { return nil }
        interpreter = String(decoding: first, as: UTF8.self)
        let rest = words.dropFirst().first.map(Self.trimmed)
        argument = rest.flatMap { $0.isEmpty ? nil : String(decoding: $0, as: UTF8.self) }
    }

    /// The program that env(1) would run as it is named here; nil if that is not what runs the script, or cannot be told.
    public var nameForEnv: String? {
        guard interpreter.split(separator: "/").last == "env", let argument else { return nil }
        guard argument.hasPrefix("-") else { return argument }
        guard argument.hasPrefix("-S") else { return nil }
        let words = argument.dropFirst(2).split(separator: " ")
        guard let name = words.first(where: { !$0.contains("=") }), !name.hasPrefix("-") else { return nil }
        return String(name)
    }

    private static func isBlank(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 }

    private static func trimmed(_ octets: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let start = octets.drop(while: isBlank)
        return start.prefix(upTo: (start.lastIndex { !isBlank($0) } ?? start.startIndex - 1) + 1)
    }
}
