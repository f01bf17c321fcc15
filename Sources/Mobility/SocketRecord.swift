/// What is remembered of a grant outside of the process, so that the next daemon knows what this one promised.
///
/// A socket that is bound is in the kernel's lists; one that was given an address and has not bound is only here.
public struct SocketRecord: Equatable, Sendable {
    /// Names one record while it is kept; numbers are small and used again.
    public typealias Number = UInt32
    /// As many are kept at most, more than a host ever had sockets open; they take 64 MiB.
    public static let limit: Number = 1 << 20

    /// The socket; nil for an address that the administrator holds.
    public var requester: Requester?
    public var address: IPv6Address
    public var type: ContinuityType
    /// Whom the address is reserved for.
    public var owner: AddressOwner?
    /// The address is alone in a prefix that a request with ON_NET got.
    public var isOnNet: Bool
    /// The address is nowhere configured, only routed here: the kernel's table does not name it.
    public var isRoutedOnly: Bool
    /// When the address was given. A process that started later is not the one that asked.
    public var since: Instant

    public init(
        requester: Requester?, address: IPv6Address, type: ContinuityType, owner: AddressOwner?,
        isOnNet: Bool, isRoutedOnly: Bool, since: Instant
    ) {
        self.requester = requester
        self.address = address
        self.type = type
        self.owner = owner
        self.isOnNet = isOnNet
        self.isRoutedOnly = isRoutedOnly
        self.since = since
    }
}
