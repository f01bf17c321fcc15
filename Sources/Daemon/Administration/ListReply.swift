/// A reply whose only parameter is an array of any length.
///
/// It is encoded a few rows at a time, when the client has taken those before. So a list of a hundred
/// thousand sockets holds up nobody, and needs no more memory than the rows themselves.
struct ListReply {
    /// 12 KiB (sockets) to 30 KiB (addresses) of text, and about 0.5 ms of work.
    static let rowsPerPiece = 128

    private let name: String
    private let count: Int
    /// The rows of a range as a JSON array.
    private let encodeRows: (Range<Int>) -> [UInt8]
    private var next = 0
    private var hasEnded = false

    /// - Parameters:
    ///   - name: of the parameter.
    ///   - items: what the rows are made of, when their turn comes.
    init<Item, Row: Encodable>(_ name: String, of items: [Item], row: @escaping (Item) -> Row) {
        self.name = name
        count = items.count
        encodeRows = { range in Json.encode(items[range].map(row)) }
    }

    /// The next octets of the message, the last of them its NUL, or nil after that.
    mutating func nextPiece() -> [UInt8]? {
        guard !hasEnded else { return nil }
        var piece = next == 0 ? Array("{\"parameters\":{\"\(name)\":[".utf8) : [UInt8(ascii: ",")]
        let end = min(next + Self.rowsPerPiece, count)
        piece += encodeRows(next..<end).dropFirst().dropLast()
        next = end
        if end == count {
            piece += Array("]}}\0".utf8)
            hasEnded = true
        }
        return piece
    }
}
