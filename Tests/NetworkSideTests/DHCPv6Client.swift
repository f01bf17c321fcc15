import Mobility
import NetworkSide
import Testing

/// An association under test with its clock, and servers' answers to it.
struct DHCPv6Client {
    typealias Output = DHCPv6Association.Output

    static let identifier: [UInt8] = [0, 4, 0xc0]
    static let server: [UInt8] = [0, 3, 0xa1]
    static let otherServer: [UInt8] = [0, 3, 0xa2]
    static let associationNumber: UInt32 = 0x0200_0001

    var association: DHCPv6Association
    var now = Instant(microseconds: 1_000_000_000)
    /// What was sent last.
    var sent: DHCPv6Message!
    var sentOctets: [UInt8] = []
    /// Messages that were sent.
    var sentCount = 0
    /// What the message that was received last was.
    var reception: DHCPv6Reception!

    init(
        _ conveyance: Conveyance = .none, content: IdentityAssociation.Content = .prefixDelegation,
        hint: IPv6Prefix? = nil, seed: UInt64 = 1
    ) {
        association = DHCPv6Association(
            .init(
                clientIdentifier: Self.identifier, content: content, identifier: Self.associationNumber,
                type: .sessionLasting, conveyance: conveyance, hint: hint), seed: seed)
    }

    mutating func solicit() -> [Output] { perform { $0.solicit(at: $1, &$2) } }
    mutating func resume(_ lease: DHCPv6Lease) -> [Output] { perform { $0.resume(lease, at: $1, &$2) } }
    mutating func rebind() -> [Output] { perform { $0.rebind(at: $1, &$2) } }
    mutating func release() -> [Output] { perform { $0.release(at: $1, &$2) } }
    mutating func decline() -> [Output] { perform { $0.decline(at: $1, &$2) } }

    /// Lets something happen now.
    ///
    /// - Returns: what the association says, but for what it sends.
    private mutating func perform(
        _ happen: (inout DHCPv6Association, Instant, inout [Output]) -> Void
    ) -> [Output] {
        var outputs: [Output] = []
        happen(&association, now, &outputs)
        return note(outputs)
    }

    private mutating func note(_ outputs: [Output]) -> [Output] {
        outputs.filter { output in
            guard case .send(let octets) = output else { return true }
            sentOctets = octets
            sentCount += 1
            sent = try? DHCPv6Message(octets.span, continuityOption: Self.continuityOption)
            return false
        }
    }

    static let continuityOption: UInt16 = 65_001

    /// Lets the time pass to the next deadline.
    mutating func waitForDeadline() -> [Output] {
        guard let deadline = association.nextDeadline else { return [] }
        now = max(now, deadline)
        return perform { $0.deadlineReached(at: $1, &$2) }
    }

    /// Lets the time pass, with all the deadlines that fall into it.
    mutating func wait(_ duration: Duration) -> [Output] {
        let end = now + duration
        var outputs: [Output] = []
        while let deadline = association.nextDeadline, deadline <= end { outputs += waitForDeadline() }
        now = end
        return outputs
    }

    /// Receives a message.
    mutating func hear(_ message: DHCPv6Message) -> [Output] {
        hear(message.encoded(continuityOption: Self.continuityOption))
    }

    mutating func hear(_ octets: [UInt8]) -> [Output] {
        var reception: DHCPv6Reception?
        let outputs = perform { reception = $0.receive(octets.span, at: $1, &$2) }
        self.reception = reception
        return outputs
    }
}

// What servers answer.
extension DHCPv6Client {
    /// An answer to what was sent last, with an association of these prefixes unless they are nil.
    func answer(
        _ kind: DHCPv6Message.Kind, _ prefixes: [IdentityAssociation.Assignment]?,
        from server: [UInt8] = Self.server, renewal: UInt32 = 0, rebinding: UInt32 = 0,
        _ change: (inout DHCPv6Message) -> Void = { _ in }
    ) -> DHCPv6Message {
        var message = DHCPv6Message(kind, transactionIdentifier: sent.transactionIdentifier)
        message.clientIdentifier = Self.identifier
        message.serverIdentifier = server
        message.isRapidCommit = kind == .reply && sent.kind == .solicit
        if let prefixes {
            message.associations = [
                IdentityAssociation(
                    association.parameters.content, identifier: Self.associationNumber,
                    renewalSeconds: renewal, rebindingSeconds: rebinding, assignments: prefixes)
            ]
        }
        change(&message)
        return message
    }

    /// The lease of a prefix that was just received.
    func lease(
        _ prefix: IdentityAssociation.Assignment, from server: [UInt8] = Self.server, renewal: UInt32 = 0,
        rebinding: UInt32 = 0
    ) -> DHCPv6Lease {
        DHCPv6Lease(
            content: association.parameters.content, identifier: Self.associationNumber,
            type: .sessionLasting, prefix: prefix.prefix, serverIdentifier: server, renewalSeconds: renewal,
            rebindingSeconds: rebinding, preferredSeconds: prefix.preferredSeconds,
            validSeconds: prefix.validSeconds, receivedAt: now)
    }

    /// A client that was given `prefix` by Rapid Commit just now.
    static func bound(
        _ prefix: IdentityAssociation.Assignment = hundred, telling conveyance: Conveyance = .none
    ) -> DHCPv6Client {
        let content: IdentityAssociation.Content =
            prefix.prefix.length == 128 ? .nonTemporaryAddress : .prefixDelegation
        var client = DHCPv6Client(conveyance, content: content)
        _ = client.solicit()
        #expect(client.hear(client.answer(.reply, [prefix])) == [.bound(client.lease(prefix))])
        return client
    }

    /// 2001:db8:a::/64 for 80 and 100 seconds: T1 is 40 s, T2 64 s.
    static let hundred = IdentityAssociation.Assignment(
        prefix("2001:db8:a::/64"), preferredSeconds: 80, validSeconds: 100)
    static let other = IdentityAssociation.Assignment(
        prefix("2001:db8:b::/64"), preferredSeconds: 80, validSeconds: 100)
    static let hundredAddress = IdentityAssociation.Assignment(
        prefix("2001:db8:a::1/128"), preferredSeconds: 80, validSeconds: 100)
}

/// A prefix of a test.
func prefix(_ text: String) -> IPv6Prefix { IPv6Prefix(text)! }
