/// A number of octets as systemd.syntax(7) writes sizes: 200000, 512K, 64M, 1G; base 1024.
enum ByteCount: Equatable, Sendable {
    case octets(Int)
    /// `Int.max` or more.
    case tooLarge

    /// Powers of two of each suffix. A number without one is octets.
    private static let shifts: KeyValuePairs<Character, Int> = ["B": 0, "K": 10, "M": 20, "G": 30, "T": 40]

    /// The number that a text names, or nil.
    init?(_ text: some StringProtocol) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let suffix = text[digits.endIndex...].drop(while: \.isWhitespace)
        guard !digits.isEmpty, let shift = Self.shift(of: suffix) else { return nil }
        let (octets, overflow) = (Int(digits) ?? .max).multipliedReportingOverflow(by: 1 << shift)
        self = overflow || octets == .max ? .tooLarge : .octets(octets)
    }

    private static func shift(of suffix: some StringProtocol) -> Int? {
        if suffix.isEmpty { return 0 }
        guard suffix.count == 1 else { return nil }
        return shifts.first { $0.key == suffix.first }?.value
    }
}
