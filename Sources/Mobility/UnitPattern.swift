/// A pattern of names of systemd units, as `Unit=` has it: `nginx.service`, `voip-*.service` (see `Glob`).
public struct UnitPattern: Equatable, Sendable {
    private let glob: Glob

    /// Nil if nothing that is a name can match: it is empty, holds white space or `/`, or a `[` without its `]`.
    public init?(_ text: some StringProtocol) {
        let isForbidden = { (octet: UInt8) in octet <= 0x20 || octet == UInt8(ascii: "/") }
        guard !text.utf8.contains(where: isForbidden), let glob = Glob(text) else { return nil }
        self.glob = glob
    }

    public func matches(_ unit: String) -> Bool { glob.matches(unit) }
}

extension UnitPattern: CustomStringConvertible {
    public var description: String { glob.text }
}

extension UnitPattern: ExpressibleByStringLiteral {
    /// - Precondition: the literal is a pattern.
    public init(stringLiteral text: String) {
        guard let pattern = UnitPattern(text) else {
            preconditionFailure("not a pattern of names of units: \(text)")
        }
        self = pattern
    }
}
