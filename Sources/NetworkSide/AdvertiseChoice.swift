internal import Mobility

/// What servers have answered to a Solicit: the offers, the best first, and why others offered nothing.
struct AdvertiseChoice {
    /// So many servers are remembered: a link has one or two, and whoever pretends to be many is not worth more room.
    static let capacity = 8

    private var offers: [(lease: DHCPv6Lease, preference: UInt8)] = []
    /// The first refusal.
    private(set) var refusal: DHCPv6Failure?

    var isEmpty: Bool { offers.isEmpty }

    /// Puts an offer before those with a lower preference. A server's later offer replaces its earlier one.
    mutating func add(_ lease: DHCPv6Lease, preference: UInt8) {
        offers.removeAll { $0.lease.serverIdentifier == lease.serverIdentifier }
        let place = offers.firstIndex { $0.preference < preference } ?? offers.endIndex
        offers.insert((lease, preference), at: place)
        if offers.count > Self.capacity { offers.removeLast() }
    }

    mutating func add(_ failure: DHCPv6Failure) {
        if refusal == nil { refusal = failure }
    }

    /// The best offer, which is not offered again; nil if there is none left.
    mutating func takeBest() -> DHCPv6Lease? { offers.isEmpty ? nil : offers.removeFirst().lease }
}
