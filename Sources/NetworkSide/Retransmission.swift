internal import Mobility

/// When a message is sent again, and when the client gives up (RFC 8415, section 15).
struct Retransmission {
    /// The parameters of a kind of message (RFC 8415, section 7.6).
    struct Limits: Equatable {
        /// IRT.
        var initial: Duration
        /// MRT.
        var longest: Duration?
        /// MRC.
        var transmissions: Int?
        /// MRD.
        var total: Duration?
        /// RAND is positive for the first time-out, so that servers have all of IRT to advertise.
        var isFirstLonger = false

        static let solicit = Limits(initial: .seconds(1), longest: .seconds(3600), isFirstLonger: true)
        static let request = Limits(initial: .seconds(1), longest: .seconds(30), transmissions: 10)
        static let renew = Limits(initial: .seconds(10), longest: .seconds(600))
        static let rebind = Limits(initial: .seconds(10), longest: .seconds(600))
        /// Those of Confirm, for a Rebind of one who may have moved (RFC 8415, section 18.2.12).
        static let rebindAfterMove = Limits(initial: .seconds(1), longest: .seconds(4), total: .seconds(10))
        static let release = Limits(initial: .seconds(1), transmissions: 4)
        static let decline = Limits(initial: .seconds(1), transmissions: 4)
    }

    /// SOL_MAX_RT changes what is allowed here while Solicits are sent.
    var limits: Limits
    /// When something is to be done: the first transmission, the next, or giving up.
    private(set) var due: Instant
    private(set) var transmissions = 0
    /// When the client gives up, however often it has sent.
    private var end: Instant?
    /// RT.
    private var timeout: Duration = .zero

    /// - Parameters:
    ///   - start: time of the first transmission.
    ///   - end: the client gives up then, besides what the limits say.
    init(_ limits: Limits, from start: Instant, until end: Instant? = nil) {
        self.limits = limits
        due = start
        let total = limits.total.map { start + $0 }
        self.end = [end, total].compactMap(\.self).min()
    }

    /// Whether the message was to be sent for the last time, and its answer has been waited for.
    func hasFailed(at now: Instant) -> Bool {
        if let end, end <= now { return true }
        return limits.transmissions.map { transmissions >= $0 } ?? false
    }

    /// The message is sent now: waits for the next time.
    mutating func sent(at now: Instant, _ random: inout RandomNumbers) {
        transmissions += 1
        timeout = transmissions == 1 ? firstTimeout(&random) : nextTimeout(&random)
        due = now + timeout
        if let end { due = min(due, end) }
    }

    /// Sends no more, and gives up at `end`.
    mutating func giveUp(at end: Instant) {
        self.end = end
        due = end
    }

    private func firstTimeout(_ random: inout RandomNumbers) -> Duration {
        limits.initial
            + limits.initial.part(random.next(in: limits.isFirstLonger ? 1...Self.tenth : Self.spread))
    }

    private func nextTimeout(_ random: inout RandomNumbers) -> Duration {
        let next = timeout * 2 + timeout.part(random.next(in: Self.spread))
        guard let longest = limits.longest, next > longest else { return next }
        return longest + longest.part(random.next(in: Self.spread))
    }

    /// RAND, from -0.1 to +0.1, in millionths.
    private static let spread = -tenth...tenth
    private static let tenth: Int64 = 100_000
}

extension Duration {
    fileprivate func part(_ millionths: Int64) -> Duration { self * millionths / 1_000_000 }
}
