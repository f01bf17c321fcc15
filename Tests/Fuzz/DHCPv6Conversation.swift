import Mobility
import NetworkSide

@testable import Daemon

/// A DHCPv6 client with its clock, and what must hold whatever servers say to it. It is the client of the messages in the
/// corpus, which come to it in the transaction that it waits for: the fuzzer could not guess any of that.
struct DHCPv6Conversation {
    private static let client: [UInt8] = [0, 4, 0xc0]
    private static let server: [UInt8] = [0, 3, 0xa1]
    private static let identifier: UInt32 = 0x0200_0001
    private static let continuityOption: UInt16 = 65001
    /// A client is not called again and again at one moment. A lease may expire and be given back at once.
    private static let mostDeadlinesAtOnce = 4
    /// Longer than a Release, or a Solicit that nobody waits for any more, is repeated.
    private static let timeToEnd: Duration = .seconds(60)

    private var association: DHCPv6Association
    private var now = Instant(microseconds: 1_000_000_000)
    private var hasEnded = false

    /// - Parameter start: the low three bits say how far it has come, the next whether it is about addresses, the next
    ///   two how the type is told.
    init(_ start: UInt8) {
        let conveyances: [Conveyance] = [
            .continuityOption(code: Self.continuityOption), .userClass, .none, .none,
        ]
        association = DHCPv6Association(
            .init(
                clientIdentifier: Self.client,
                content: start & 8 == 0 ? .prefixDelegation : .nonTemporaryAddress,
                identifier: Self.identifier, type: .sessionLasting,
                conveyance: conveyances[Int(start >> 4 & 3)]), seed: 1)
        if start & 7 == 7 { resume() } else { come(to: start & 7) }
    }

    // MARK: The beginning

    /// To a Solicit, a Request, a lease, its Renew, its Rebind, its Rebind after a move, its Release.
    private mutating func come(to state: UInt8) {
        perform { $0.solicit(at: $1, &$2) }
        guard state > 0 else { return }
        hear(answer(.advertise).encoded(continuityOption: Self.continuityOption))
        guard state > 1 else { return }
        hear(answer(.reply).encoded(continuityOption: Self.continuityOption))
        precondition(association.lease != nil, "the answers are good enough for a lease")
        switch state {
        case 3: waitForDeadline()
        case 4: wait(.seconds(64))
        case 5: rebind()
        case 6: release()
        default: break
        }
    }

    private var assigned: IPv6Prefix {
        let address = IPv6Address(high: 0x2001_0db8_000a_0000, low: 0)
        return IPv6Prefix(address, length: association.parameters.content == .prefixDelegation ? 64 : 128)
    }

    /// For 80 and 100 seconds: Renew is due after 40, Rebind after 64.
    private func answer(_ kind: DHCPv6Message.Kind) -> DHCPv6Message {
        var message = DHCPv6Message(kind, transactionIdentifier: association.transactionIdentifier ?? 0)
        message.clientIdentifier = Self.client
        message.serverIdentifier = Self.server
        message.preference = 255
        message.associations = [
            IdentityAssociation(
                association.parameters.content, identifier: Self.identifier,
                assignments: [.init(assigned, preferredSeconds: 80, validSeconds: 100)])
        ]
        return message
    }

    /// With a lease that was stored.
    private mutating func resume() {
        let lease = DHCPv6Lease(
            content: association.parameters.content, identifier: Self.identifier, type: .sessionLasting,
            prefix: assigned, serverIdentifier: Self.server, renewalSeconds: 0, rebindingSeconds: 0,
            preferredSeconds: 80, validSeconds: 100, receivedAt: now)
        perform { $0.resume(lease, at: $1, &$2) }
    }

    // MARK: What happens

    mutating func rebind() { perform { $0.rebind(at: $1, &$2) } }
    mutating func release() { perform { $0.release(at: $1, &$2) } }

    mutating func decline() {
        if association.parameters.content == .nonTemporaryAddress { perform { $0.decline(at: $1, &$2) } }
    }

    mutating func hear(_ message: [UInt8]) {
        var message = message
        if message.count >= 4, let transaction = association.transactionIdentifier {
            for (place, shift) in [(1, 16), (2, 8), (3, 0)] as [(Int, UInt32)] {
                message[place] = UInt8(truncatingIfNeeded: transaction >> shift)
            }
        }
        perform { $0.receive(message.span, at: $1, &$2) }
    }

    mutating func waitForDeadline() {
        if let deadline = association.nextDeadline { pass(to: max(now, deadline)) }
    }

    mutating func wait(_ duration: Duration) {
        let end = now + duration
        while let deadline = association.nextDeadline, deadline <= end { pass(to: max(now, deadline)) }
        now = end
    }

    private mutating func pass(to moment: Instant) {
        now = moment
        var deadlines = 0
        while let deadline = association.nextDeadline, deadline <= now {
            deadlines += 1
            precondition(deadlines <= Self.mostDeadlinesAtOnce, "what is due is done")
            perform { $0.deadlineReached(at: $1, &$2) }
        }
    }

    /// Whatever has happened, a client that is released comes to an end.
    mutating func finish() {
        release()
        wait(Self.timeToEnd)
        precondition(hasEnded, "who is released ends")
        precondition(association.lease == nil && association.nextDeadline == nil, "nothing is left to do")
    }

    private mutating func perform(
        _ happen: (inout DHCPv6Association, Instant, inout [DHCPv6Association.Output]) -> Void
    ) {
        var outputs: [DHCPv6Association.Output] = []
        happen(&association, now, &outputs)
        for output in outputs { check(output) }
    }

    // MARK: What must hold

    private mutating func check(_ output: DHCPv6Association.Output) {
        precondition(!hasEnded, "nothing is said after the end")
        switch output {
        case .send(let octets):
            let message = try? DHCPv6Message(octets.span, continuityOption: Self.continuityOption)
            precondition(
                message?.transactionIdentifier == association.transactionIdentifier, "it can be read")
        case .bound(let lease), .changed(let lease): check(lease)
        case .refused, .lost: break
        case .ended: hasEnded = true
        }
    }

    private func check(_ lease: DHCPv6Lease) {
        precondition(lease.prefix.length >= 16, "nobody is given more")
        for reserved in ["fe80::/10", "ff00::/8", "::/96", "::ffff:0:0/96"] as [IPv6Prefix] {
            precondition(!reserved.overlaps(lease.prefix), "nobody is given what every link has")
        }
        precondition(lease.preferredSeconds <= lease.validSeconds, "what is preferred is valid")
        precondition(lease.validSeconds > 0, "what is given lasts")
        let prefix = LeasedPrefix(
            id: LeaseID(1), source: "provider", type: lease.type, prefix: lease.prefix, interface: "wlan0")
        let stored = StoredLease(prefix, dhcpv6: StoredLease.DHCPv6(lease, at: now))
        precondition(stored.makesSense, "what is given can be kept")
        precondition(
            association.parameters.content == .prefixDelegation || lease.prefix.length == 128,
            "an address is one")
    }
}
