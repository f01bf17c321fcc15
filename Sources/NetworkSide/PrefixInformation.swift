public import Mobility

/// The Prefix Information option of a Router Advertisement (RFC 4861, section 4.6.2).
public struct PrefixInformation: Equatable, Sendable {
    /// The code of the option.
    public static let optionType: UInt8 = 3

    public var prefix: IPv6Prefix
    /// The on-link flag: neighbours in the prefix are reached without a router.
    public var isOnLink: Bool
    /// The autonomous address-configuration flag: hosts may make addresses in the prefix.
    public var isAutonomous: Bool
    /// The low three flag bits, SrvTp of draft-feng-dmm-ra-prefixtype-03; nil if they are 0, which is an ordinary prefix, or
    /// reserved.
    public var type: ContinuityType?
    /// Seconds; `UInt32.max` is infinity.
    public var validSeconds: UInt32
    /// Seconds; `UInt32.max` is infinity.
    public var preferredSeconds: UInt32

    public init(
        prefix: IPv6Prefix, isOnLink: Bool, isAutonomous: Bool, type: ContinuityType? = nil,
        validSeconds: UInt32,
        preferredSeconds: UInt32
    ) {
        self.prefix = prefix
        self.isOnLink = isOnLink
        self.isAutonomous = isAutonomous
        self.type = type
        self.validSeconds = validSeconds
        self.preferredSeconds = preferredSeconds
    }

    private static let onLinkFlag: UInt8 = 0x80
    private static let autonomousFlag: UInt8 = 0x40
    private static let typeBits: UInt8 = 0x07
    /// In units of eight octets.
    private static let length: UInt8 = 4

    /// Reads an option, from its type on.
    ///
    /// - Returns: nil if it is another option, or one that a host must ignore: of another length, with a prefix that is
    ///   not usable.
    public init?(option octets: Span<UInt8>) {
        var reader = OctetReader(octets)
        guard let optionType: UInt8 = reader.integer(octets), optionType == Self.optionType,
            let length: UInt8 = reader.integer(octets), length == Self.length,
            let bits: UInt8 = reader.integer(octets), bits <= 128,
            let flags: UInt8 = reader.integer(octets),
            let valid: UInt32 = reader.integer(octets),
            let preferred: UInt32 = reader.integer(octets),
            let _: UInt32 = reader.integer(octets),
            let high: UInt64 = reader.integer(octets),
            let low: UInt64 = reader.integer(octets)
        else { return nil }
        self.init(
            prefix: IPv6Prefix(IPv6Address(high: high, low: low), length: bits),
            isOnLink: flags & Self.onLinkFlag != 0,
            isAutonomous: flags & Self.autonomousFlag != 0,
            type: ContinuityType(networkCode: flags & Self.typeBits), validSeconds: valid,
            preferredSeconds: preferred)
        guard isUsable else { return nil }
    }

    /// False for what a host must ignore: a prefix that takes in link-local, multicast or other addresses that nobody gives
    /// (the bits after its length do not count), or that is preferred for longer than it is valid (RFC 4862, section 5.5.3).
    public var isUsable: Bool { preferredSeconds <= validSeconds && prefix.isAssignable }
}
