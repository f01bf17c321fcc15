/// The parameters of a call, by name.
struct VarlinkParameters: Decodable {
    /// No method of ours has more; the values of a longer list are not even looked at, only its names.
    static let mostParameters = 6

    private enum Scalar {
        case absent
        case string(String)
        case bool(Bool)
        case number(Int64)
        case numbers([Int64])
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
        case .string, .number, .numbers, .other: throw .invalidParameter(name)
        }
    }

    /// Nil if it is missing or null.
    ///
    /// - Throws: `InvalidParameter` if it is not a string.
    func optionalString(_ name: String) throws(VarlinkError) -> String? {
        if case .absent = values[name] ?? .absent { return nil }
        return try string(name)
    }

    /// Nil if it is missing or null.
    ///
    /// - Throws: `InvalidParameter` if it is not a number within bounds.
    func optionalNumber<Number: FixedWidthInteger>(_ name: String) throws(VarlinkError) -> Number? {
        switch values[name] ?? .absent {
        case .absent: return nil
        case .number(let value):
            guard let number = Number(exactly: value) else { throw .invalidParameter(name) }
            return number
        case .string, .bool, .numbers, .other: throw .invalidParameter(name)
        }
    }

    /// Nil if it is missing or null.
    ///
    /// - Throws: `InvalidParameter` if it is not an array of numbers within bounds.
    func optionalNumbers(_ name: String) throws(VarlinkError) -> [UInt32]? {
        switch values[name] ?? .absent {
        case .absent: return nil
        case .numbers(let values):
            let numbers = values.compactMap { UInt32(exactly: $0) }
            guard numbers.count == values.count else { throw .invalidParameter(name) }
            return numbers
        case .string, .bool, .number, .other: throw .invalidParameter(name)
        }
    }

    private static func scalar(_ name: Name, in container: KeyedDecodingContainer<Name>) -> Scalar {
        if (try? container.decodeNil(forKey: name)) == true { return .absent }
        if let value = try? container.decode(String.self, forKey: name) { return .string(value) }
        if let value = try? container.decode(Bool.self, forKey: name) { return .bool(value) }
        if let value = try? container.decode(Int64.self, forKey: name) { return .number(value) }
        if let values = try? container.decode([Int64].self, forKey: name) { return .numbers(values) }
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
