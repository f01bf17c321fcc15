/// What the kernel does by itself on an interface (net.ipv6.conf).
public struct InterfaceSettings: Equatable, Sendable {
    /// It acts on Router Advertisements: it makes routes, and addresses if `autoconf` is set too.
    public var acceptsAdvertisements: Bool

    /// Reads the settings; what cannot be read passes for the kernel's default.
    public init(ofInterface name: String) {
        let accept = Self.number("accept_ra", name) ?? 1
        let forwards = Self.number("forwarding", name) ?? 0 != 0
        // 2 overrules forwarding (Documentation/networking/ip-sysctl.rst).
        acceptsAdvertisements = accept == 2 || (accept == 1 && !forwards)
    }

    private static func number(_ setting: String, _ interface: String) -> Int? {
        let path = "/proc/sys/net/ipv6/conf/\(interface)/\(setting)"
        guard let text = try? File.read(path, limit: 16) else { return nil }
        return Int(String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}
