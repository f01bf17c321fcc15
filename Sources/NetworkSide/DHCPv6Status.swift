/// What a server says of a message, of an identity association, or of one prefix in it (RFC 8415, section 21.13).
public struct DHCPv6Status: Equatable, Sendable {
    public enum Code: Equatable, Sendable {
        case success
        case unspecifiedFailure
        case noAddressesAvailable
        case noBinding
        case notOnLink
        case useMulticast
        case noPrefixAvailable
        case other(UInt16)
    }

    public var code: Code
    /// The server's words for a log, perhaps none: at most `textLimit` characters, all of them printable ASCII.
    public let text: String

    /// A log line is no place for more.
    public static let textLimit = 120

    /// - Parameter text: UTF-8; what is not printable ASCII becomes `?`, so that nobody writes to our log what is
    ///   not seen or looks like another line.
    public init(_ code: Code, text: [UInt8] = []) {
        self.code = code
        let printable = text.prefix(Self.textLimit).map { 0x20...0x7e ~= $0 ? $0 : UInt8(ascii: "?") }
        self.text = String(decoding: printable, as: UTF8.self)
    }

    public var isSuccess: Bool { code == .success }
}

extension DHCPv6Status.Code {
    private static let numbered: [(number: UInt16, code: Self)] = [
        (0, .success), (1, .unspecifiedFailure), (2, .noAddressesAvailable), (3, .noBinding), (4, .notOnLink),
        (5, .useMulticast), (6, .noPrefixAvailable),
    ]

    init(number: UInt16) {
        self = Self.numbered.first { $0.number == number }?.code ?? .other(number)
    }

    var number: UInt16 {
        if case .other(let number) = self { return number }
        return Self.numbered.first { $0.code == self }!.number
    }
}

extension DHCPv6Status: CustomStringConvertible {
    public var description: String { text.isEmpty ? "\(code)" : "\(code) (\(text))" }
}

extension DHCPv6Status.Code: CustomStringConvertible {
    /// The RFC's name.
    public var description: String {
        switch self {
        case .success: "Success"
        case .unspecifiedFailure: "UnspecFail"
        case .noAddressesAvailable: "NoAddrsAvail"
        case .noBinding: "NoBinding"
        case .notOnLink: "NotOnLink"
        case .useMulticast: "UseMulticast"
        case .noPrefixAvailable: "NoPrefixAvail"
        case .other(let number): "status \(number)"
        }
    }
}
