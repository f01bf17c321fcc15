import Mobility
import NetworkSide

/// A DHCPv6 server that delegates one prefix after the other, for 80 and 100 seconds.
struct DHCPv6FakeServer {
    var commitsRapidly = true
    /// No prefix is left.
    var isExhausted = false
    /// When each prefix that is given ends.
    private(set) var bindings: [IPv6Prefix: Instant] = [:]
    private var given: UInt64 = 0

    private static let validSeconds: UInt32 = 100

    /// Loses its memory.
    mutating func restart() { bindings = [:] }

    /// Prefixes that are given now.
    func current(at now: Instant) -> [IPv6Prefix] { bindings.filter { $0.value > now }.map(\.key) }

    /// Takes a message, and answers it.
    mutating func receive(_ octets: [UInt8], at now: Instant) -> [UInt8]? {
        guard let message = try? DHCPv6Message(octets.span), let asked = message.associations.first else {
            return nil
        }
        if let server = message.serverIdentifier, server != DHCPv6Client.server { return nil }
        let commits = message.isRapidCommit && commitsRapidly
        var answer = DHCPv6Message(
            message.kind == .solicit && !commits ? .advertise : .reply,
            transactionIdentifier: message.transactionIdentifier)
        answer.clientIdentifier = message.clientIdentifier
        answer.serverIdentifier = DHCPv6Client.server
        answer.isRapidCommit = commits
        var association = IdentityAssociation(asked.content, identifier: asked.identifier)
        decide(message.kind, asked.assignments.first?.prefix, commits: commits, at: now, &association)
        answer.associations = [association]
        return answer.encoded()
    }

    private mutating func decide(
        _ kind: DHCPv6Message.Kind, _ prefix: IPv6Prefix?, commits: Bool, at now: Instant,
        _ association: inout IdentityAssociation
    ) {
        switch kind {
        case .solicit: give(nil, isPromise: !commits, at: now, &association)
        case .request: give(prefix, isPromise: false, at: now, &association)
        case .renew, .rebind:
            guard let prefix, let end = bindings[prefix], end > now else {
                association.status = DHCPv6Status(.noBinding)
                return
            }
            give(prefix, isPromise: false, at: now, &association)
        case .release, .decline: if let prefix { bindings[prefix] = nil }
        case .advertise, .reply: break
        }
    }

    private mutating func give(
        _ wanted: IPv6Prefix?, isPromise: Bool, at now: Instant, _ association: inout IdentityAssociation
    ) {
        guard !isExhausted else {
            association.status = DHCPv6Status(.noPrefixAvailable)
            return
        }
        if wanted == nil { given += 1 }
        let next = IPv6Prefix(IPv6Address(high: 0x2001_0db8_0000_0000 + given, low: 0), length: 64)
        let prefix = wanted ?? next
        if !isPromise { bindings[prefix] = now + .seconds(Self.validSeconds) }
        association.assignments = [.init(prefix, preferredSeconds: 80, validSeconds: Self.validSeconds)]
    }
}
