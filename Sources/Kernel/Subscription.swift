internal import CNetlink

/// How far a monitor got.
public enum DrainOutcome: Equatable, Sendable {
    /// Nothing is left.
    case drained
    /// Something may be left: the descriptor is readable then.
    case budgetSpent
    /// Nothing is left, and something was lost: list what is there, and compare.
    case overrun
}

/// A netlink socket that is told of changes.
final class Subscription {
    private let socket: NetlinkSocket
    private var hasLostMessages = false

    init(adopting socket: consuming NetlinkSocket) {
        self.socket = socket
    }

    var descriptor: Int32 { socket.descriptor }

    /// Tells `body` at most `budget` datagrams' messages.
    ///
    /// The kernel reports the first message that it loses and is silent about further ones until its queue
    /// has been emptied (NETLINK_S_CONGESTED). So an overrun is told only then: what is listed afterwards
    /// misses nothing.
    func drain(
        budget: Int, _ operation: @autoclosure () -> KernelError.Operation, _ body: (NetlinkMessage) -> Void
    ) throws(KernelError) -> DrainOutcome {
        for _ in 0..<budget {
            switch socket.receive() {
            case .messages(let messages): for message in messages { body(message) }
            case .nothing: return emptied()
            case .overrun: hasLostMessages = true
            case .failure(let errno): throw KernelError(operation: operation(), errno: errno)
            }
        }
        // The descriptor of an empty queue does not become readable to tell of an overrun: look.
        if hasLostMessages, case .nothing = socket.receive(peeking: true) { return emptied() }
        return .budgetSpent
    }

    private func emptied() -> DrainOutcome {
        defer { hasLostMessages = false }
        return hasLostMessages ? .overrun : .drained
    }
}
