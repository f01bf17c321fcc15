import FoundationEssentials

/// JSON text to values and back; the only user of FoundationEssentials.
enum Json {
    /// - Throws: `Failure` if the text is not JSON, or not such a value.
    static func decode<Value: Decodable>(_ type: Value.Type, from text: [UInt8]) throws(Failure) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(text))
        } catch {
            throw .surprise("\(error)")
        }
    }

    /// A value as text on one line, its members sorted by name.
    static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let text = try? encoder.encode(value) else {
            preconditionFailure("not expressible in JSON: \(value)")
        }
        return [UInt8](text)
    }

    /// As `encode`, for printing.
    static func line(_ value: some Encodable) -> String { String(decoding: encode(value), as: UTF8.self) }
}
