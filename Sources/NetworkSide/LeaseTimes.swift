internal import Mobility

/// When something is to be done about a lease (RFC 8415, section 14.2). Nil stands for never.
///
/// `renewal` is not after `rebinding`, and that is not after `expiry`.
struct LeaseTimes: Equatable {
    /// T1: the server that gave the lease is asked to go on.
    let renewal: Instant?
    /// T2: every server is asked.
    let rebinding: Instant?
    /// The end of the valid lifetime.
    let expiry: Instant?

    init(_ lease: DHCPv6Lease) {
        let valid = Self.duration(lease.validSeconds)
        let basis =
            (1..<UInt32.max).contains(lease.preferredSeconds) ? .seconds(lease.preferredSeconds) : valid
        let rebinding = Self.chosen(lease.rebindingSeconds, valid: valid, else: basis.map { $0 * 8 / 10 })
        let renewal = Self.chosen(lease.renewalSeconds, valid: valid, else: basis.map { $0 * 5 / 10 })
        expiry = valid.map { lease.receivedAt + $0 }
        self.rebinding = rebinding.map { lease.receivedAt + $0 }
        // Not later, where the server has chosen one of the two and we the other.
        self.renewal = renewal.map { lease.receivedAt + min($0, rebinding ?? $0) }
    }

    /// A server's T1 or T2; ours if the server leaves the choice to us, or if nothing is left of the lease by then.
    ///
    /// An infinite one is taken at its word even if the lease is not: the server wants no such question.
    private static func chosen(_ seconds: UInt32, valid: Duration?, else ours: Duration?) -> Duration? {
        guard seconds > 0 else { return ours }
        guard let asked = duration(seconds) else { return nil }
        if let valid, asked >= valid { return ours }
        return asked
    }

    /// Nil for infinity.
    private static func duration(_ seconds: UInt32) -> Duration? { seconds == .max ? nil : .seconds(seconds) }
}
