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

    /// A value as text, its members sorted by name.
    ///
    /// - Parameter isIndented: over several lines, for people.
    static func encode(_ value: some Encodable, isIndented: Bool = false) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isIndented { encoder.outputFormatting.insert(.prettyPrinted) }
        guard let text = try? encoder.encode(value) else {
            preconditionFailure("not expressible in JSON: \(value)")
        }
        return [UInt8](text)
    }
}
