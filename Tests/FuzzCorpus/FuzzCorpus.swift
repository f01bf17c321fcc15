import Posix

/// The messages that fuzzing begins with: files in which octets stand as hexadecimal digits. The first line is a comment,
/// which says what the message is taken for.
public struct FuzzCorpus: Sendable {
    private let directory: String
    /// Of the files, sorted; none if there is no such directory.
    public let names: [String]

    /// - Parameters:
    ///   - path: of the directory, from that of the source file which calls this
    ///   - file: that source file
    public init(_ path: String, besides file: String = #filePath) {
        directory = "\(file[..<(file.lastIndex(of: "/") ?? file.startIndex)])/\(path)"
        names = (try? File.names(in: directory, endingIn: ".hex")) ?? []
    }

    /// - Returns: the first line without its "# ", and the message.
    public func read(_ name: String) throws -> (outcome: String, message: [UInt8]) {
        let text = String(decoding: try File.read("\(directory)/\(name)", limit: 65_536), as: UTF8.self)
        let firstLine = text.prefix { $0 != "\n" }
        precondition(firstLine.hasPrefix("# "), "the first line of \(name) says what it is")
        return (String(firstLine.dropFirst(2)), octets(text))
    }
}

/// Octets as hexadecimal digits; white space, and what follows a `#`, does not count.
public func octets(_ text: String) -> [UInt8] {
    let lines = text.split(separator: "\n").map { $0.prefix { $0 != "#" } }
    let digits = lines.joined().compactMap(\.hexDigitValue)
    precondition(digits.count.isMultiple(of: 2), "an octet has two digits")
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
