/// What a request for an address asks for besides the type.
public struct RequestFlags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// A new address from a new prefix of the network that serves the host now (IPV6_REQUIRE_SRC_ON_NET,
    /// draft-ietf-dmm-ondemand-mobility-12, section 6.2). Without it, an address is shared or reused.
    public static let onNet = RequestFlags(rawValue: 1)
}
