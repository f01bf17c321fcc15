public import Mobility

/// A Router Advertisement (RFC 4861, section 4.2).
public struct RouterAdvertisement: Equatable, Sendable {
    /// The ICMPv6 type.
    public static let messageType: UInt8 = 134

    /// Seconds for which the sender is a default router; 0 if it is none.
    public var routerLifetimeSeconds: UInt16
    /// Those that a host must not ignore.
    public var prefixes: [PrefixInformation]

    public init(routerLifetimeSeconds: UInt16, prefixes: [PrefixInformation]) {
        self.routerLifetimeSeconds = routerLifetimeSeconds
        self.prefixes = prefixes
    }

    /// Reads a message as it was received, and validates it as RFC 4861, section 6.1.2, demands. The kernel has verified the
    /// checksum.
    public init(
        _ octets: Span<UInt8>, from source: IPv6Address, hopLimit: UInt8
    ) throws(RouterAdvertisementError) {
        guard source.isLinkLocal else { throw .foreignSource(source) }
        // A message from another link has passed a router.
        guard hopLimit == 255 else { throw .hopLimit(hopLimit) }
        var reader = OctetReader(octets)
        guard let type: UInt8 = reader.integer(octets), let code: UInt8 = reader.integer(octets),
            let _: UInt16 = reader.integer(octets), let _: UInt16 = reader.integer(octets),
            let lifetime: UInt16 = reader.integer(octets), let _: UInt64 = reader.integer(octets)
        else { throw .tooShort(octets.count) }
        guard type == Self.messageType, code == 0 else { throw .otherMessage(type: type, code: code) }
        self.init(routerLifetimeSeconds: lifetime, prefixes: try Self.prefixes(octets, after: reader))
    }

    private static func prefixes(
        _ octets: Span<UInt8>, after header: OctetReader
    ) throws(RouterAdvertisementError) -> [PrefixInformation] {
        var reader = header
        var prefixes: [PrefixInformation] = []
        while reader.count > 0 {
            let start = octets.count - reader.count
            var option = reader
            guard let _: UInt8 = option.integer(octets), let length: UInt8 = option.integer(octets),
                length > 0,
                reader.part(8 * Int(length)) != nil
            else { throw .malformedOption(at: start) }
            let end = start + 8 * Int(length)
            if let prefix = PrefixInformation(option: octets.extracting(start..<end)) {
                prefixes.append(prefix)
            }
        }
        return prefixes
    }
}

/// Why a message is not a Router Advertisement to be believed. Reads as a log line.
public enum RouterAdvertisementError: Error, Equatable, Sendable {
    case foreignSource(IPv6Address)
    case hopLimit(UInt8)
    /// In octets.
    case tooShort(Int)
    case otherMessage(type: UInt8, code: UInt8)
    /// An option without a length, or one that ends after the message.
    case malformedOption(at: Int)
}

extension RouterAdvertisementError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .foreignSource(let source): "sent from \(source), which is not link-local"
        case .hopLimit(let limit): "hop limit \(limit): it comes from another link"
        case .tooShort(let octets): "\(octets) octets are too few"
        case .otherMessage(let type, let code): "ICMPv6 type \(type) code \(code) is no Router Advertisement"
        case .malformedOption(let octet): "the option at octet \(octet) is malformed"
        }
    }
}
