/// A reply that is a list: an object with one array.
protocol ListReply: Decodable {
    associatedtype Row: Decodable

    /// The name of the array.
    static var name: String { get }
    var rows: [Row] { get set }
    var table: Table { get }
}

extension SuccessReply {
    /// The list, with those rows that are wanted.
    func list<Reply: ListReply>(
        _ type: Reply.Type, where isWanted: (Reply.Row) -> Bool = { _ in true }
    ) throws(Failure) -> Reply {
        var list = try parameters(as: type)
        list.rows.removeAll { !isWanted($0) }
        return list
    }

    /// The list as it came, with those rows that are wanted.
    func json<Reply: ListReply>(
        ofList type: Reply.Type, where isWanted: (Reply.Row) -> Bool
    ) throws(Failure) -> JsonValue {
        guard case .object(var members) = try json(), case .array(let all)? = members[type.name] else {
            throw .surprise("a reply without \(type.name)")
        }
        let rows = try parameters(as: type).rows
        members[type.name] = .array(zip(all, rows).filter { isWanted($0.1) }.map(\.0))
        return .object(members)
    }
}
