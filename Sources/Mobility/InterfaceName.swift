/// The name of a network interface: 1 to 15 octets (IFNAMSIZ), held as integers so that comparing is cheap.
public struct InterfaceName: Hashable, Sendable {
    private var high: UInt64 = 0
    private var low: UInt64 = 0

    /// The kernel's rules (dev_valid_name): no '/', ':' or white space, and neither "." nor "..".
    public init?(_ text: some StringProtocol) {
        let octets = Array(text.utf8)
        guard (1...15).contains(octets.count), text != ".", text != ".." else { return nil }
        for (index, octet) in octets.enumerated() {
            guard octet > 0x20, octet != UInt8(ascii: "/"), octet != UInt8(ascii: ":") else { return nil }
            if index < 8 {
                high |= UInt64(octet) << UInt64(56 - 8 * index)
            } else {
                low |= UInt64(octet) << UInt64(56 - 8 * (index - 8))
            }
        }
    }
}

extension InterfaceName: CustomStringConvertible {
    public var description: String {
        let octets = [high, low].flatMap { half in
            (0..<8).map { UInt8(truncatingIfNeeded: half >> UInt64(56 - 8 * $0)) }
        }
        return String(decoding: octets.prefix { $0 != 0 }, as: UTF8.self)
    }
}

extension InterfaceName: ExpressibleByStringLiteral {
    /// - Precondition: the literal is an interface name.
    public init(stringLiteral text: String) {
        guard let name = InterfaceName(text) else { preconditionFailure("not an interface name: \(text)") }
        self = name
    }
}
