/// What becomes of an address that sockets have, for those who want to be told. It says all there is to know, so that
/// nobody needs to ask back.
public struct AddressEvent: Equatable, Sendable {
    public enum Change: Equatable, Sendable {
        /// No new socket gets the address. Those who have it can go on with it until `end`.
        case deprecated
        /// The same, and `replacement` can be bound now.
        case replaced
        /// The address works no more, and whoever uses it has lost it.
        case removed
        /// What was deprecated works as before, and does not end.
        case restored
    }

    public var change: Change
    public var address: IPv6Address
    public var type: ContinuityType
    /// The address that new sockets of the type get instead; nil if it is not known, or if there is none.
    public var replacement: IPv6Address?
    /// When the address ends; nil if it stays until its last socket is closed.
    public var end: Instant?

    public init(
        _ change: Change, of address: IPv6Address, type: ContinuityType, replacement: IPv6Address? = nil,
        end: Instant? = nil
    ) {
        self.change = change
        self.address = address
        self.type = type
        self.replacement = replacement
        self.end = end
    }
}

extension AddressEvent {
    /// A line for the log.
    public func text(at now: Instant) -> String {
        let instead = replacement.map { ", replaced by \($0)" } ?? ""
        return switch change {
        case .deprecated, .replaced:
            "\(address) (\(type)) is deprecated\(instead)\(end.map { "; ends in \(seconds(until: $0, now)) s" } ?? "")"
        case .removed: "\(address) (\(type)) has ended\(instead)"
        case .restored: "\(address) (\(type)) is restored"
        }
    }

    /// Rounded.
    private func seconds(until end: Instant, _ now: Instant) -> Int64 {
        (end.since(now) + .milliseconds(500)).components.seconds
    }
}
