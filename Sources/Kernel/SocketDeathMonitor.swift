internal import CNetlink
public import Mobility

/// Tells which IPv6 TCP and UDP sockets have been destroyed: when nobody holds them any more, after forks and
/// copies.
///
/// While one is open every inet socket of the host costs more to open and close: it is opened when there is a
/// socket to wait for, and dropped after the last.
public final class SocketDeathMonitor {
    private let subscription: Subscription
    /// What the kernel granted: its own bookkeeping included, an event takes about 1,280 octets.
    public let receiveBufferBytes: Int

    private init(adopting socket: consuming NetlinkSocket, receiveBufferBytes: Int) {
        subscription = Subscription(adopting: socket)
        self.receiveBufferBytes = receiveBufferBytes
    }

    /// - Parameter receiveBufferBytes: wanted; without CAP_NET_ADMIN no more than net.core.rmem_max is granted.
    public static func open(
        receiveBufferBytes: Int = 64 << 20
    ) throws(KernelError) -> SocketDeathMonitor {
        let operation = KernelError.Operation.openSocketDeathMonitor
        let socket = try NetlinkSocket.open(NETLINK_SOCK_DIAG, for: operation)
        // The buffer first: from the moment of joining, events come.
        let granted = try enlargeReceiveBuffer(of: socket, to: receiveBufferBytes, operation)
        for group in [SKNLGRP_INET6_TCP_DESTROY, SKNLGRP_INET6_UDP_DESTROY] {
            try socket.join(group.rawValue, for: operation)
        }
        return SocketDeathMonitor(adopting: socket, receiveBufferBytes: granted)
    }

    /// - Returns: what was granted. The kernel doubles what it is asked for.
    private static func enlargeReceiveBuffer(
        of socket: borrowing NetlinkSocket, to octets: Int, _ operation: KernelError.Operation
    ) throws(KernelError) -> Int {
        let wanted = Int32(clamping: octets)
        var errno = socket.setOption(SOL_SOCKET, SO_RCVBUFFORCE, wanted)
        if errno == EPERM { errno = socket.setOption(SOL_SOCKET, SO_RCVBUF, wanted) }
        guard errno == 0 else { throw KernelError(operation: operation, errno: errno) }
        var granted: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(socket.descriptor, SOL_SOCKET, SO_RCVBUF, &granted, &size) == 0 else {
            throw KernelError(operation: operation, errno: odm_errno())
        }
        return Int(granted)
    }

    /// Readable when there is something to drain.
    public var descriptor: Int32 { subscription.descriptor }

    /// Tells `body` the SO_COOKIE of at most `budget` sockets that are gone. Most of them are nobody's
    /// business: every IPv6 socket of the network namespace is told of.
    ///
    /// - Parameter traffic: is told first what each of them has carried, if it is a TCP connection that has carried
    ///   anything.
    public func drain(
        budget: Int, traffic: ((Traffic) -> Void)? = nil, _ body: (UInt64) -> Void
    ) throws(KernelError) -> DrainOutcome {
        try subscription.drain(budget: budget, .receiveSocketDeaths) { message in
            guard message.type == Int(SOCK_DIAG_BY_FAMILY),
                let socket = message.familyHeader(as: inet_diag_msg.self)
            else { return }
            if let traffic, let carried = message.traffic { traffic(carried) }
            body(socket.id.cookie)
        }
    }
}
