public import Mobility

/// Who made an address, a rule or a route, as the kernel stores it (IFA_PROTO, FRA_PROTOCOL, rtm_protocol).
public enum RoutingProtocol {
    /// Rules and routes of ours. Its low four bits are free for the type of an address.
    public static let odmd: UInt8 = 0xd0

    /// Addresses of ours say their type: 0xd1 Fixed to 0xd4 Graceful-replacement.
    public static func address(of type: ContinuityType) -> UInt8 {
        odmd + type.rawValue
    }
}
