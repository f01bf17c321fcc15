/// What a socket was given last.
public struct SourceAddress: Hashable, Sendable {
    public let address: IPv6Address
    public let type: ContinuityType

    public init(_ address: IPv6Address, _ type: ContinuityType) {
        self.address = address
        self.type = type
    }
}
