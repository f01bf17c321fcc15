public import Mobility

/// Why a server gives nothing. Reads as a log line.
public enum DHCPv6Failure: Error, Equatable, Sendable {
    /// It says so.
    case status(DHCPv6Status)
    /// It answered, but there is nothing in the answer.
    case nothingOffered
    /// What it offers has another type than was asked for, and must not be used
    /// (draft-moses-dmm-dhcp-ondemand-mobility-11).
    case otherType(ContinuityType)
    /// What it offers can be nobody's prefix or address: a multicast or link-local one for example.
    case unusable(IPv6Prefix)
}

/// Why a lease is no more. Reads as a log line.
public enum DHCPv6Loss: Equatable, Sendable {
    /// Nobody has prolonged it until its valid lifetime ended.
    case expired
    /// A server has set its valid lifetime to 0.
    case withdrawn
    /// A server says that it does not belong to the network that we are on.
    case notOnLink
    /// The server had forgotten it, and gave another when it was asked anew.
    case replaced(by: IPv6Prefix)
    /// The server had forgotten it, and gave nothing when it was asked anew.
    case forgotten(DHCPv6Failure)
}

extension DHCPv6Failure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .status(let status): "the server says \(status)"
        case .nothingOffered: "the server offers nothing"
        case .otherType(let type): "the server offers \(type)"
        case .unusable(let prefix): "the server offers \(prefix), which cannot be used"
        }
    }
}

extension DHCPv6Loss: CustomStringConvertible {
    public var description: String {
        switch self {
        case .expired: "no server has prolonged it"
        case .withdrawn: "the server takes it away"
        case .notOnLink: "the server says that it does not belong to this network"
        case .replaced(let prefix): "the server has forgotten it and gives \(prefix) instead"
        case .forgotten(let failure): "the server has forgotten it, and asked anew \(failure)"
        }
    }
}
