import Mobility

/// `Prefix=`: a prefix that can be given to sockets.
enum StaticPrefix {
    /// Bits. No registry gives anybody more; a shorter prefix would take in other people's addresses.
    static let shortestLength: UInt8 = 16

    /// Addresses that no socket of ours can have as its source, and what they are (RFC 4291, section 2.4).
    private static let reserved: [(prefix: IPv6Prefix, name: String)] = [
        ("ff00::/8", "multicast"),
        ("fe80::/10", "link-local, which every interface has already"),
        ("::/128", "the unspecified address"),
        ("::1/128", "the loopback address"),
        ("::ffff:0:0/96", "for IPv4-mapped addresses"),
        ("::/8", "reserved by the IETF"),
    ]

    static func read(_ text: String) throws(SettingProblem) -> IPv6Prefix {
        let prefix = try parsed(text)
        if let range = reserved.first(where: { $0.prefix.contains(prefix) }) {
            let remedy = "write a prefix that is routed to this host, such as 2001:db8:a::/56"
            throw SettingProblem("\(range.prefix) is \(range.name); \(remedy)")
        }
        guard prefix.length >= shortestLength else {
            throw SettingProblem("no host is given so much; write a length from \(shortestLength) to 128")
        }
        return prefix
    }

    private static func parsed(_ text: String) throws(SettingProblem) -> IPv6Prefix {
        if text.contains(where: \.isBlank) {
            throw SettingProblem("more than one prefix; write a Prefix= for each")
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let address = IPv6Address(parts[0]) else {
            let remedy = "write one such as 2001:db8:a::/56"
            let isIPv4 = parts[0].contains(".") && !parts[0].contains(":")
            throw SettingProblem("\(isIPv4 ? "IPv4; odmd serves IPv6" : "not an IPv6 prefix"); \(remedy)")
        }
        guard parts.count > 1 else {
            throw SettingProblem("has no length; write \(address)/128 for the one address, or a prefix")
        }
        let length = parts.dropFirst().joined(separator: "/")
        guard length.utf8.count <= 3, length.allSatisfy({ $0.isASCII && $0.isNumber }),
            let bits = UInt8(length), bits <= 128
        else { throw SettingProblem("not a length; write a number of bits from \(shortestLength) to 128") }
        let prefix = IPv6Prefix(address, length: bits)
        guard prefix.address == address else {
            throw SettingProblem(
                "has bits after its length; write \(prefix), or \(address)/128 for the one address")
        }
        return prefix
    }
}

extension IPv6Prefix {
    /// True if all addresses of the other are in this one.
    fileprivate func contains(_ other: IPv6Prefix) -> Bool {
        length <= other.length && contains(other.address)
    }
}
