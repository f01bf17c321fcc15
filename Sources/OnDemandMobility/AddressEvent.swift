/// What has become of one address of a watched socket.
public struct AddressEvent: Hashable, Sendable {
    public enum Change: UInt8, CaseIterable, Sendable {
        /// No new socket gets the address; those who have it can go on with it until it ends.
        case deprecated = 1
        /// The same, and the replacement can be bound now.
        case replaced = 2
        /// It works no more. The sockets that are bound to it are ended, unless the administrator wants them only to
        /// be told (OnLoss=tell).
        case removed = 3
        /// What was deprecated is as good as before, and does not end.
        case restored = 4
    }

    public let change: Change
    public let address: IPv6Address
    public let type: ContinuityType
    /// What new sockets get instead; nil if it is not known, or if there is none.
    public let replacement: IPv6Address?
    /// From when the daemon told it until the address ends, in steps of a millisecond: zero if it has ended, nil if it
    /// stays until its last socket is closed.
    public let endsIn: Duration?

    public init(
        _ change: Change, _ address: IPv6Address, _ type: ContinuityType, replacement: IPv6Address? = nil,
        endsIn: Duration? = nil
    ) {
        self.change = change
        self.address = address
        self.type = type
        self.replacement = replacement
        self.endsIn = endsIn
    }
}
