import FoundationEssentials

/// JSON text to values and back; the only user of FoundationEssentials.
///
/// Its parser refuses text that is nested deeper than 512 levels, and does not recurse over what nobody
/// asks for, so hostile text costs time in proportion to its length and nothing else.
enum Json {
    /// The value that a text stands for, or nil if it is not JSON or not such a value.
    static func decode<Value: Decodable>(_ type: Value.Type, from text: [UInt8]) -> Value? {
        try? JSONDecoder().decode(type, from: Data(text))
    }

    /// A value as compact JSON with its members sorted by name, so that equal values give equal text.
    ///
    /// - Precondition: the value is one of ours, which JSON can express (no NaN, no keys but strings).
    static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let text = try? encoder.encode(value) else {
            preconditionFailure("not expressible in JSON: \(value)")
        }
        return [UInt8](text)
    }
}
