/// How a DHCPv6 client tells a server which continuity type it wants (`Convey=`).
public enum Conveyance: Equatable, Sendable {
    /// In the User Class option (RFC 8415, section 21.15), as `odm-` and the name of the type: servers of today can
    /// choose a pool by it.
    case userClass
    /// In OPTION_IPv6_CONTINUITY_SERVICE (draft-moses-dmm-dhcp-ondemand-mobility-11), whose code IANA has not assigned.
    case continuityOption(code: UInt16)
    /// Not at all: the network has prefixes of one kind.
    case none
}

extension Conveyance {
    /// False for the code of an option that the client itself sends or reads, which would be taken for the other.
    public static func isFree(_ code: UInt16) -> Bool { DHCPv6OptionCode(rawValue: code) == nil }
}
