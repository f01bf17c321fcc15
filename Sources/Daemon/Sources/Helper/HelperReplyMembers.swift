/// The members of an answer by name. Names that we do not know are for later versions, and ignored.
struct HelperReplyMembers {
    private enum Value {
        case string(String)
        case integer(Int64)
        case other
    }

    private var values: [String: Value] = [:]

    init(text: [UInt8]) throws(HelperReplyError) {
        guard let members = Json.decode(Self.self, from: text) else { throw .notAnObject }
        self = members
    }

    /// Nil if it is missing or null.
    func string(_ name: String) throws(HelperReplyError) -> String? {
        guard let value = values[name] else { return nil }
        guard case .string(let text) = value else { throw .wrongType(name) }
        return text
    }

    /// Nil if it is missing or null.
    func integer(_ name: String) throws(HelperReplyError) -> Int64? {
        guard let value = values[name] else { return nil }
        guard case .integer(let number) = value else { throw .wrongType(name) }
        return number
    }
}

extension HelperReplyMembers: Decodable {
    private enum Name: String, CodingKey, CaseIterable {
        case version, error, prefix, interface, token
        case validSeconds = "valid_seconds"
        case preferredSeconds = "preferred_seconds"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        for name in Name.allCases { values[name.rawValue] = Self.value(of: name, in: container) }
    }

    private static func value(of name: Name, in container: KeyedDecodingContainer<Name>) -> Value? {
        guard container.contains(name), (try? container.decodeNil(forKey: name)) != true else { return nil }
        if let text = try? container.decode(String.self, forKey: name) { return .string(text) }
        if let number = try? container.decode(Int64.self, forKey: name) { return .integer(number) }
        return .other
    }
}
