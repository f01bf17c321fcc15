import CPreload

/// SIN6_LEN_RFC2133 of the kernel: an IPv6 socket address without its scope.
let shortestIPv6Length: socklen_t = 24

/// The address in an IPv6 socket address; nil if it is of another family, or too short for the kernel.
@inline(__always)
func ipv6Address(_ address: UnsafePointer<sockaddr>?, _ length: socklen_t) -> in6_addr? {
    guard length >= shortestIPv6Length, let address = unsafe address,
        unsafe address.pointee.sa_family == sa_family_t(AF_INET6)
    else { return nil }
    return unsafe odm_ipv6_address(address)
}

extension in6_addr {
    /// Its 64 most significant bits, and the others.
    var halves: (high: UInt64, low: UInt64) {
        let (high, low) = unsafe unsafeBitCast(self, to: (UInt64, UInt64).self)
        return (UInt64(bigEndian: high), UInt64(bigEndian: low))
    }

    var isWildcard: Bool { halves == (0, 0) }

    /// Whether packets to it leave the host, and may have a source address of ours. The wildcard, loopback, IPv4 in IPv6's
    /// clothes (all in ::/64), link-local and multicast addresses are left to the kernel's choice.
    var leavesHost: Bool {
        let high = halves.high
        let isLinkLocal = high >> 54 == 0xfe80 >> 6
        let isMulticast = high >> 56 == 0xff
        return high != 0 && !isLinkLocal && !isMulticast
    }
}
