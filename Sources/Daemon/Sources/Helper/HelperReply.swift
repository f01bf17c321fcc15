import Mobility

/// What a helper program answers to acquire and renew (docs/helper.md).
enum HelperReply: Equatable {
    /// A prefix, and for how long.
    case granted(HelperGrant)
    /// None, and why.
    case refused(String)

    /// Octets of an answer.
    static let longest = 4096

    /// Reads what a program wrote to standard output, whatever that is.
    init(line: [UInt8]) throws(HelperReplyError) {
        let members = try HelperReplyMembers(text: try Self.onlyLine(of: line))
        guard try members.integer("version") == Int64(HelperQuestion.version) else { throw .unknownVersion }
        let error = try members.string("error")
        let prefix = try members.string("prefix")
        switch (error, prefix) {
        case (let error?, nil): self = .refused(error.isEmpty ? "it does not say why" : Excerpt.of(error))
        case (nil, let prefix?): self = .granted(try HelperGrant(prefix: prefix, members))
        case (nil, nil): throw .neitherPrefixNorError
        case (_?, _?): throw .prefixAndError
        }
    }

    /// The text without its line end, which may be missing.
    private static func onlyLine(of text: [UInt8]) throws(HelperReplyError) -> [UInt8] {
        guard text.count <= longest else { throw .tooLong }
        let newline = UInt8(ascii: "\n")
        let line = text.last == newline ? text.dropLast() : text[...]
        guard !line.isEmpty else { throw .empty }
        guard !line.contains(newline) else { throw .severalLines }
        // The JSON parser also takes UTF-16, and looks at the text of those members only that are asked for.
        guard !line.contains(0), String(validating: line, as: UTF8.self) != nil else { throw .notAnObject }
        return Array(line)
    }
}

/// A prefix as a helper program gives it.
struct HelperGrant: Equatable {
    var prefix: IPv6Prefix
    /// The uplink; nil if the program leaves it to the configuration.
    var interface: InterfaceName?
    /// Whatever the program wants to be told again when it is asked to renew or release.
    var token: String?
    /// How long the prefix is ours unless it is renewed; nil for ever.
    var validSeconds: UInt32?
    /// Half of this is when it should be renewed.
    var preferredSeconds: UInt32?

    /// Octets of a token.
    static let longestToken = 256
    /// What is valid for a shorter time could not be renewed in it.
    private static let shortestLifetime: Int64 = 10

    fileprivate init(prefix text: String, _ members: HelperReplyMembers) throws(HelperReplyError) {
        do {
            prefix = try StaticPrefix.read(text)
        } catch {
            throw .wrongPrefix(Excerpt.of(text))
        }
        interface = try Self.interface(in: members)
        token = try Self.token(in: members)
        validSeconds = try Self.lifetime("valid_seconds", in: members)
        preferredSeconds = try Self.lifetime("preferred_seconds", in: members)
        guard preferredSeconds ?? 0 <= validSeconds ?? .max else { throw .wrongValue("preferred_seconds") }
    }

    private static func interface(in members: HelperReplyMembers) throws(HelperReplyError) -> InterfaceName? {
        guard let text = try members.string("interface") else { return nil }
        guard let name = InterfaceName(text), text != "lo" else { throw .wrongValue("interface") }
        return name
    }

    private static func token(in members: HelperReplyMembers) throws(HelperReplyError) -> String? {
        guard let token = try members.string("token") else { return nil }
        guard isToken(token) else { throw .wrongValue("token") }
        return token
    }

    /// It is short, and stands on a line.
    static func isToken(_ text: String) -> Bool {
        text.utf8.count <= longestToken && !text.utf8.contains { $0 < 0x20 || $0 == 0x7f }
    }

    /// Seconds; nil for ever, which is also written 4294967295, as in DHCPv6 (RFC 8415, section 7.7).
    private static func lifetime(
        _ name: String, in members: HelperReplyMembers
    ) throws(HelperReplyError) -> UInt32? {
        guard let seconds = try members.integer(name) else { return nil }
        guard (shortestLifetime...Int64(UInt32.max)).contains(seconds) else { throw .wrongValue(name) }
        return seconds == Int64(UInt32.max) ? nil : UInt32(seconds)
    }
}

/// What is wrong with an answer. Reads after "its answer": "its answer is not JSON".
enum HelperReplyError: Error, Equatable, CustomStringConvertible {
    case empty
    case tooLong
    case severalLines
    /// Or not even JSON, or not in UTF-8.
    case notAnObject
    case unknownVersion
    case neitherPrefixNorError
    case prefixAndError
    /// A member has a value of another kind.
    case wrongType(String)
    /// A member has a value that it cannot have.
    case wrongValue(String)
    /// No prefix that can be given to sockets.
    case wrongPrefix(String)

    var description: String {
        switch self {
        case .empty: "is empty"
        case .tooLong: "has more than \(HelperReply.longest) octets"
        case .severalLines: "has more than one line"
        case .notAnObject: "is no JSON object"
        case .unknownVersion: "is not of version \(HelperQuestion.version)"
        case .neitherPrefixNorError: "has neither prefix nor error"
        case .prefixAndError: "has both prefix and error"
        case .wrongType(let name): "has a value of the wrong kind for \(name)"
        case .wrongValue(let name): "has a value that \(name) cannot have"
        case .wrongPrefix(let text): "has a prefix that cannot be given to sockets: \(text)"
        }
    }
}
