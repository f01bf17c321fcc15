import Mobility

enum DHCPv6AssociationTarget {
    /// Plays a conversation. The first octet says how far it has come; each step has one that says what happens, and a
    /// message that comes has its length before it.
    static func play(_ octets: Span<UInt8>) {
        var rest = (0..<octets.count).map { octets[$0] }[...]
        guard let start = rest.popFirst() else { return }
        var conversation = DHCPv6Conversation(start)
        while let step = rest.popFirst() {
            switch step >> 5 {
            case 0: conversation.wait(.milliseconds(100 << Int(step & 15)))
            case 1: conversation.waitForDeadline()
            case 2: conversation.rebind()
            case 3: conversation.release()
            case 4: conversation.decline()
            default:
                let length = Int(rest.popFirst() ?? 0)
                conversation.hear(Array(rest.prefix(length)))
                rest = rest.dropFirst(length)
            }
        }
        conversation.finish()
    }
}
