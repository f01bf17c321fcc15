/// Something that the administrator should be told of.
public enum Report: Equatable, Sendable {
    /// Somebody took it away while it was in use; it is there again.
    case putBack(OwnThing)
    /// Somebody takes it away again and again: it is not put back any more.
    case gaveUp(OwnThing)
    /// Somebody took it away, and nobody used it.
    case letGo(IPv6Address)
    /// A neighbour has an address that sockets use: they have lost it.
    case lostToNeighbour(IPv6Address)
    /// A source has not answered in the time that it had.
    case sourceIsSilent(String, ContinuityType)
    /// A source gave a prefix that has addresses in common with one that is ours already.
    case prefixOverlaps(IPv6Prefix, source: String)
    /// A prefix is ours no longer while sockets have addresses of it.
    case prefixWithdrawn(IPv6Prefix, addressesInUse: Int)
}

extension Report: CustomStringConvertible {
    public var description: String {
        switch self {
        case .putBack(let thing): "\(thing) was removed or changed, not by odmd, while in use; put back"
        case .gaveUp(let thing):
            "\(thing) was removed or changed \(Fight.mostStrikes + 1) times within a minute, not by odmd; "
                + "it is not put back any more, and those who use it have lost it"
        case .letGo(let address): "\(address) was removed or changed, not by odmd; nobody used it"
        case .lostToNeighbour(let address):
            "\(address) is in use on the link by somebody else; the sockets that have it have lost it"
        case .sourceIsSilent(let source, let type):
            "source \(source) has not answered in time, asked for \(type)"
        case .prefixOverlaps(let prefix, let source):
            "source \(source) gave \(prefix), of which addresses are ours already by another prefix; given back"
        case .prefixWithdrawn(let prefix, let count):
            "\(prefix) is ours no longer; \(count) of its addresses are in use, and come to their end"
        }
    }
}
