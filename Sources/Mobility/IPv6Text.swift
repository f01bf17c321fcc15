// Addresses and prefixes as text: written as RFC 5952 recommends, read as RFC 4291 section 2.2 allows
// (without the embedded IPv4 form, which no address of ours has).

extension IPv6Address: CustomStringConvertible {
    public var description: String {
        let words = self.words
        let zeros = Self.longestZeroRun(words)
        var text = ""
        var index = 0
        while index < 8 {
            if index == zeros.lowerBound, zeros.count > 1 {
                text += "::"
                index = zeros.upperBound
                continue
            }
            if !text.isEmpty, !text.hasSuffix(":") { text += ":" }
            text += String(words[index], radix: 16)
            index += 1
        }
        return text
    }

    /// The address that a text names, or nil.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 39 else { return nil }
        let halves = Self.splitAtDoubleColon(text)
        guard let left = Self.words(in: halves.left), let right = Self.words(in: halves.right ?? "") else {
            return nil
        }
        let missing = 8 - left.count - right.count
        guard halves.right == nil ? missing == 0 : missing >= 1 else { return nil }
        let words = left + Array(repeating: 0, count: missing) + right
        self.init(
            high: words[0..<4].reduce(0) { $0 << 16 | UInt64($1) },
            low: words[4..<8].reduce(0) { $0 << 16 | UInt64($1) })
    }

    private var words: [UInt16] {
        [high, low].flatMap { half in
            [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: half >> UInt64($0)) }
        }
    }

    /// The first of the longest runs of zero words.
    private static func longestZeroRun(_ words: [UInt16]) -> Range<Int> {
        var longest = 0..<0
        var start = 0
        for end in 1...8 where end == 8 || words[end] != 0 || words[start] != 0 {
            if words[start] == 0, end - start > longest.count { longest = start..<end }
            start = end
        }
        return longest
    }

    private static func splitAtDoubleColon<Text: StringProtocol>(_ text: Text) -> (
        left: String, right: String?
    ) {
        var previous: Character = " "
        for index in text.indices {
            if previous == ":", text[index] == ":" {
                let left = text[..<index].dropLast()
                return (String(left), String(text[text.index(after: index)...]))
            }
            previous = text[index]
        }
        return (String(text), nil)
    }

    private static func words(in text: String) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var words: [UInt16] = []
        for part in text.split(separator: ":", omittingEmptySubsequences: false) {
            guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit),
                let word = UInt16(part, radix: 16), words.count < 8
            else { return nil }
            words.append(word)
        }
        return words
    }
}

extension IPv6Prefix: CustomStringConvertible {
    public var description: String { "\(address)/\(length)" }

    /// The prefix that a text such as 2001:db8::/56 names, or nil. Bits after the length must be zero.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPv6Address(parts[0]),
            !parts[1].isEmpty, parts[1].allSatisfy(\.isNumber), let length = UInt8(parts[1]), length <= 128,
            address.masked(to: length) == address
        else { return nil }
        self.init(address, length: length)
    }
}

extension IPv6Address: ExpressibleByStringLiteral {
    /// - Precondition: the literal is an address.
    public init(stringLiteral text: String) {
        guard let address = IPv6Address(text) else { preconditionFailure("not an IPv6 address: \(text)") }
        self = address
    }
}

extension IPv6Prefix: ExpressibleByStringLiteral {
    /// - Precondition: the literal is a prefix.
    public init(stringLiteral text: String) {
        guard let prefix = IPv6Prefix(text) else { preconditionFailure("not an IPv6 prefix: \(text)") }
        self = prefix
    }
}
