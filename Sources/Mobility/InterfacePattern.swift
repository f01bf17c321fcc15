/// A pattern of interface names, as `Interface=` has it: `wlan0`, `wl*`, `eth?`, `en[ps]*` (see `Glob`).
public struct InterfacePattern: Equatable, Sendable {
    private let glob: Glob

    /// Nil if nothing that is a name can match: it is empty, holds white space, `/` or `:`, or a `[` without its `]`.
    public init?(_ text: some StringProtocol) {
        let isForbidden = { (octet: UInt8) in
            octet <= 0x20 || octet == UInt8(ascii: "/") || octet == UInt8(ascii: ":")
        }
        guard !text.utf8.contains(where: isForbidden), let glob = Glob(text) else { return nil }
        self.glob = glob
    }

    public func matches(_ name: InterfaceName) -> Bool { glob.matches(name.description) }
}

extension InterfacePattern: CustomStringConvertible {
    public var description: String { glob.text }
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
