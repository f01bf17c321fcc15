public import Mobility

/// Giving a lease back: Release and Decline (RFC 8415, sections 18.2.7 and 18.2.8).
extension DHCPv6Association {
    /// Nobody needs the lease any more, or waits for it. The server is told, some times if it does not answer.
    public mutating func release(at now: Instant, _ outputs: inout [Output]) {
        if let lease { return giveBack(lease, at: now, &outputs) }
        guard let exchange else {
            if !isOver { end(&outputs) }
            return
        }
        switch exchange.kind {
        case .solicit: awaitLateReply(at: now)
        case .request:
            // The server may have given it already, and the Reply be under way.
            beginLast(.release, exchange.prefix, exchange.serverIdentifier, .release, at: now, &outputs)
        case .renew, .rebind, .release, .decline: break
        }
    }

    /// Somebody else on the link has the address (Duplicate Address Detection). The association ends.
    ///
    /// - Precondition: it is one of addresses.
    public mutating func decline(at now: Instant, _ outputs: inout [Output]) {
        precondition(parameters.content == .nonTemporaryAddress, "prefixes are not declined")
        guard let lease else { return }
        beginLast(.decline, lease.prefix, lease.serverIdentifier, .decline, at: now, &outputs)
    }

    mutating func giveBack(_ lease: DHCPv6Lease, at now: Instant, _ outputs: inout [Output]) {
        beginLast(.release, lease.prefix, lease.serverIdentifier, .release, at: now, &outputs)
    }

    /// Begins the exchange after which all is done.
    private mutating func beginLast(
        _ kind: DHCPv6Exchange.Kind, _ prefix: IPv6Prefix?, _ server: [UInt8]?,
        _ limits: Retransmission.Limits, at now: Instant, _ outputs: inout [Output]
    ) {
        lease = nil
        choice = AdvertiseChoice()
        begin(kind, prefix, server: server, limits, from: now, at: now, &outputs)
    }

    /// A server with Rapid Commit may just be giving what nobody wants any more: then it is told.
    private mutating func awaitLateReply(at now: Instant) {
        guard !isUnwanted else { return }
        isUnwanted = true
        choice = AdvertiseChoice()
        exchange?.timer.giveUp(at: now + Self.lateReplyTime)
    }

    /// As long as the first Solicit waits for answers.
    private static let lateReplyTime: Duration = .seconds(1)
}
