public import Mobility

extension IPv6Prefix {
    /// A network may give it to a host: unicast, no larger than anybody gets, and not among the addresses that mean
    /// something else (RFC 6890).
    public var isAssignable: Bool {
        length >= Self.shortestDelegated && !Self.reserved.contains { $0.overlaps(self) }
    }

    /// Registries give networks /16 to /32; a shorter prefix is a mistake.
    private static let shortestDelegated: UInt8 = 16

    private static let reserved = [
        // Unspecified, loopback, IPv4-compatible.
        IPv6Prefix(IPv6Address(high: 0, low: 0), length: 96),
        // ::ffff:0:0/96, IPv4-mapped.
        IPv6Prefix(IPv6Address(high: 0, low: 0xffff_0000_0000), length: 96),
        // fe80::/10, link-local.
        IPv6Prefix(IPv6Address(high: 0xfe80 << 48, low: 0), length: 10),
        // ff00::/8, multicast.
        IPv6Prefix(IPv6Address(high: 0xff00 << 48, low: 0), length: 8),
    ]
}
