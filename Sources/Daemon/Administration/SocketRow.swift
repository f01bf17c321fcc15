import Mobility

/// `Socket` of the interface.
struct SocketRow: Encodable {
    private let summary: SocketSummary

    init(_ summary: SocketSummary) {
        self.summary = summary
    }

    /// A cookie as text: Varlink's integers have a sign and 64 bits, cookies need all 64 for the number.
    static func text(_ cookie: SocketCookie) -> String { String(cookie, radix: 16) }

    private enum Field: CodingKey {
        case cookie, address, type, transport, user, process
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: Field.self)
        try row.encode(Self.text(summary.cookie), forKey: .cookie)
        try row.encode(summary.address.description, forKey: .address)
        try row.encode(summary.type.description, forKey: .type)
        if summary.transport != 0 { try row.encode(summary.transport, forKey: .transport) }
        try row.encode(summary.user, forKey: .user)
        if summary.process > 0 { try row.encode(summary.process, forKey: .process) }
    }
}
