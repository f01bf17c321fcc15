import Mobility
import NetworkSide

enum DHCPv6AssociationTarget {
    private static let parameters = DHCPv6Association.Parameters(
        clientIdentifier: [0, 4, 0xc0], content: .prefixDelegation, identifier: 0x0200_0001,
        type: .sessionLasting,
        conveyance: .continuityOption(code: 65001))

    /// Plays a conversation: the first octet says what happens, and how long the message is that may follow.
    static func play(_ octets: Span<UInt8>) {
        var association = DHCPv6Association(parameters, seed: 1)
        var outputs: [DHCPv6Association.Output] = []
        var now = Instant(microseconds: 1_000_000)
        var rest = (0..<octets.count).map { octets[$0] }[...]
        association.solicit(at: now, &outputs)
        while let step = rest.popFirst() {
            switch step >> 6 {
            case 0: now = now + .milliseconds(100 << Int(step & 15))
            case 1: if association.lease != nil { association.rebind(at: now, &outputs) }
            case 2 where step & 15 == 0: association.release(at: now, &outputs)
            default:
                let message = addressed(Array(rest.prefix(Int(step & 63) * 4)), to: association)
                rest = rest.dropFirst(message.count)
                association.receive(message.span, at: now, &outputs)
            }
            if let deadline = association.nextDeadline, deadline <= now {
                association.deadlineReached(at: now, &outputs)
            }
        }
        check(outputs)
    }

    /// With the transaction that is asked about, which the fuzzer cannot guess.
    private static func addressed(_ message: [UInt8], to association: DHCPv6Association) -> [UInt8] {
        guard message.count >= 4, let transaction = association.transactionIdentifier else { return message }
        return [message[0]] + [16, 8, 0].map { UInt8(truncatingIfNeeded: transaction >> $0) } + message[4...]
    }

    private static func check(_ outputs: [DHCPv6Association.Output]) {
        if let end = outputs.firstIndex(of: .ended) {
            precondition(end == outputs.count - 1, "nothing is said after the end")
        }
    }
}
