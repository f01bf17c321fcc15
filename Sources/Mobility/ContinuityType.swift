/// How durable an address is: the four types of RFC 8653, section 3.2.
///
/// Raw values are those of the C interface (draft-ietf-dmm-ondemand-mobility-12, section 6.1). DHCPv6 and
/// Router Advertisements number the types differently.
public enum ContinuityType: UInt8, CaseIterable, Comparable, Sendable {
    /// Valid for ever, used or not, connected or not.
    case fixed = 1
    /// Valid while a socket uses it, wherever the host moves.
    case sessionLasting = 2
    /// Valid on the network that it came from.
    case nonPersistent = 3
    /// Replaced at a move, with a time in which the old and the new address both work.
    case gracefulReplacement = 4

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension ContinuityType: CustomStringConvertible {
    /// The name that configuration, administration and logs use.
    public var description: String {
        switch self {
        case .fixed: "fixed"
        case .sessionLasting: "session-lasting"
        case .nonPersistent: "non-persistent"
        case .gracefulReplacement: "graceful-replacement"
        }
    }

    public init?(name: some StringProtocol) {
        guard let type = Self.allCases.first(where: { $0.description == name }) else { return nil }
        self = type
    }
}

/// One value for each continuity type.
public struct PerType<Value> {
    public var fixed: Value
    public var sessionLasting: Value
    public var nonPersistent: Value
    public var gracefulReplacement: Value

    public init(repeating value: Value) {
        fixed = value
        sessionLasting = value
        nonPersistent = value
        gracefulReplacement = value
    }

    public subscript(type: ContinuityType) -> Value {
        get {
            switch type {
            case .fixed: fixed
            case .sessionLasting: sessionLasting
            case .nonPersistent: nonPersistent
            case .gracefulReplacement: gracefulReplacement
            }
        }
        set {
            switch type {
            case .fixed: fixed = newValue
            case .sessionLasting: sessionLasting = newValue
            case .nonPersistent: nonPersistent = newValue
            case .gracefulReplacement: gracefulReplacement = newValue
            }
        }
    }
}

extension PerType: Equatable where Value: Equatable {}
extension PerType: Sendable where Value: Sendable {}
