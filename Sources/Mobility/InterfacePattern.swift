/// A pattern of interface names, as `Interface=` has it: `wlan0`, `wl*`, `eth?`, `en[ps]*`.
///
/// `*` stands for any octets, `?` for one, `[abc]`, `[a-z]` and `[!a-z]` for one of a set (glob(7)).
public struct InterfacePattern: Equatable, Sendable {
    private let text: String

    /// Nil if nothing that is a name can match: it is empty, holds white space, `/` or `:`, or a `[` without its `]`.
    public init?(_ text: some StringProtocol) {
        let octets = Array(text.utf8)
        let forbidden = octets.contains { $0 <= 0x20 || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ":") }
        guard !octets.isEmpty, !forbidden, Self.areSetsClosed(octets[...]) else { return nil }
        self.text = String(text)
    }

    public func matches(_ name: InterfaceName) -> Bool {
        Self.matches(Array(name.description.utf8)[...], Array(text.utf8)[...])
    }

    private static func areSetsClosed(_ pattern: ArraySlice<UInt8>) -> Bool {
        var rest = pattern
        while let first = rest.first {
            guard first == UInt8(ascii: "[") else {
                rest.removeFirst()
                continue
            }
            guard let end = endOfSet(rest) else { return false }
            rest = rest[(end + 1)...]
        }
        return true
    }

    private static func matches(_ name: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        switch first {
        case UInt8(ascii: "*"):
            // Several in a row say what one says, and each would multiply the work.
            let rest = pattern.drop { $0 == UInt8(ascii: "*") }
            return (name.startIndex...name.endIndex).contains { matches(name[$0...], rest) }
        case UInt8(ascii: "?"):
            return !name.isEmpty && matches(name.dropFirst(), pattern.dropFirst())
        case UInt8(ascii: "["):
            guard let octet = name.first, let end = endOfSet(pattern) else { return false }
            let set = pattern[(pattern.startIndex + 1)..<end]
            return isIn(set, octet) && matches(name.dropFirst(), pattern[(end + 1)...])
        default:
            return name.first == first && matches(name.dropFirst(), pattern.dropFirst())
        }
    }

    /// Where the set that the pattern begins with is closed; a `]` that comes first is one of the set.
    private static func endOfSet(_ pattern: ArraySlice<UInt8>) -> Int? {
        var first = pattern.startIndex + 1
        if pattern.indices.contains(first), pattern[first] == UInt8(ascii: "!") { first += 1 }
        return pattern[first...].dropFirst().firstIndex(of: UInt8(ascii: "]"))
    }

    private static func isIn(_ set: ArraySlice<UInt8>, _ octet: UInt8) -> Bool {
        if set.first == UInt8(ascii: "!") { return !isIn(set.dropFirst(), octet) }
        var rest = set
        while let first = rest.first {
            let range = Array(rest.prefix(3))
            if range.count == 3, range[1] == UInt8(ascii: "-") {
                if range[0] <= octet, octet <= range[2] { return true }
                rest = rest.dropFirst(3)
            } else {
                if first == octet { return true }
                rest = rest.dropFirst()
            }
        }
        return false
    }
}

extension InterfacePattern: CustomStringConvertible {
    public var description: String { text }
}

extension InterfacePattern: ExpressibleByStringLiteral {
    /// - Precondition: the literal is a pattern.
    public init(stringLiteral text: String) {
        guard let pattern = InterfacePattern(text) else {
            preconditionFailure("not a pattern of interface names: \(text)")
        }
        self = pattern
    }
}
