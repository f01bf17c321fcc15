public import Mobility

extension ContinuityType {
    /// The code of the type in OPTION_IPv6_CONTINUITY_SERVICE (draft-moses-dmm-dhcp-ondemand-mobility-11) and in the
    /// SrvTp field of the Prefix Information option (draft-feng-dmm-ra-prefixtype-03). Not the code of the C interface.
    public var networkCode: UInt8 {
        switch self {
        case .nonPersistent: 1
        case .sessionLasting: 2
        case .fixed: 3
        case .gracefulReplacement: 4
        }
    }

    /// Nil for codes that name no type: 0 for any, the others reserved.
    public init?(networkCode: UInt8) {
        guard let type = Self.allCases.first(where: { $0.networkCode == networkCode }) else { return nil }
        self = type
    }
}
