/// The parameters of a call, by name.
struct VarlinkParameters: Decodable {
    /// No method of ours has more; the values of a longer list are not even looked at, only its names.
    static let mostParameters = 4

    private enum Scalar {
        case absent
        case string(String)
        case bool(Bool)
        case other
    }

    /// Names that the call has, sorted.
    let names: [String]
    private var values: [String: Scalar] = [:]

    init() {
        names = []
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        names = container.allKeys.map(\.stringValue).sorted()
        guard names.count <= Self.mostParameters else { return }
        for name in container.allKeys {
            values[name.stringValue] = Self.scalar(name, in: container)
        }
    }

    /// - Throws: `InvalidParameter` if it is missing or not a string.
    func string(_ name: String) throws(VarlinkError) -> String {
        guard case .string(let value) = values[name] else { throw .invalidParameter(name) }
        return value
    }

    /// False if it is missing or null.
    ///
    /// - Throws: `InvalidParameter` if it is not a boolean.
    func optionalBool(_ name: String) throws(VarlinkError) -> Bool {
        switch values[name] ?? .absent {
        case .absent: return false
        case .bool(let value): return value
        case .string, .other: throw .invalidParameter(name)
        }
    }

    private static func scalar(_ name: Name, in container: KeyedDecodingContainer<Name>) -> Scalar {
        if (try? container.decodeNil(forKey: name)) == true { return .absent }
        if let value = try? container.decode(String.self, forKey: name) { return .string(value) }
        if let value = try? container.decode(Bool.self, forKey: name) { return .bool(value) }
        return .other
    }

    /// Any name of a member.
    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
