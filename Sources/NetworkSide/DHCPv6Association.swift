public import Mobility

/// A DHCPv6 client for one prefix or address of one continuity type (RFC 8415, section 18.2): one identity association,
/// from the request until it has been given back.
///
/// It is told what happens and answers what to do. Neither clock nor socket nor random generator is in it, so that any
/// exchange can be played through it. It begins with `solicit` or `resume`; the last thing that it says is `ended`.
///
/// Each type and request has an association, and so messages, of its own: servers choose pools by message, and moved
/// both prefixes when two types were renewed in one.
public struct DHCPv6Association: Sendable {
    public struct Parameters: Equatable, Sendable {
        /// DUID.
        public var clientIdentifier: [UInt8]
        public var content: IdentityAssociation.Content
        /// IAID: among the client's associations no other of the same content has it.
        public var identifier: UInt32
        public var type: ContinuityType
        /// How servers are told the type, in every message.
        public var conveyance: Conveyance
        /// A prefix, or just a length, that would be welcome.
        public var hint: IPv6Prefix?

        public init(
            clientIdentifier: [UInt8], content: IdentityAssociation.Content, identifier: UInt32,
            type: ContinuityType, conveyance: Conveyance, hint: IPv6Prefix? = nil
        ) {
            self.clientIdentifier = clientIdentifier
            self.content = content
            self.identifier = identifier
            self.type = type
            self.conveyance = conveyance
            self.hint = hint
        }
    }

    public enum Output: Equatable, Sendable {
        /// To all servers and relay agents (ff02::1:2, port 547).
        case send([UInt8])
        /// The lease is ours.
        case bound(DHCPv6Lease)
        /// The lease has new times, or another server: it is to be stored.
        case changed(DHCPv6Lease)
        /// There will be no lease.
        case refused(DHCPv6Failure)
        /// The lease is ours no longer. Whoever uses it is not told: that is for others to do.
        case lost(DHCPv6Loss)
        /// All is done: the association can be forgotten.
        case ended
    }

    public let parameters: Parameters
    /// What has been given to us.
    public internal(set) var lease: DHCPv6Lease?
    /// What is being asked; nil while there is nothing to ask.
    var exchange: DHCPv6Exchange?
    /// Answers to Solicit.
    var choice = AdvertiseChoice()
    /// Whoever asked for the lease has gone while it was solicited.
    var isUnwanted = false
    var isOver = false
    /// A server may change the longest time between Solicits (SOL_MAX_RT).
    var solicitLimits = Retransmission.Limits.solicit
    var random: RandomNumbers

    /// - Parameter seed: for transaction identifiers and times, different for every association.
    public init(_ parameters: Parameters, seed: UInt64) {
        self.parameters = parameters
        random = RandomNumbers(seed: seed)
    }

    /// The transaction whose answers are for this association: no other message needs to be shown to it.
    public var transactionIdentifier: UInt32? { exchange?.transactionIdentifier }

    /// When `deadlineReached` is to be called; it may be called earlier. Nil for never.
    public var nextDeadline: Instant? {
        let times = lease.map(LeaseTimes.init)
        if let exchange { return [exchange.timer.due, times?.expiry].compactMap(\.self).min() }
        return [times?.renewal, times?.rebinding, times?.expiry].compactMap(\.self).min()
    }

    public mutating func deadlineReached(at now: Instant, _ outputs: inout [Output]) {
        if let expiry = lease?.expiry, expiry <= now {
            return lose(.expired, instead: nil, at: now, &outputs)
        }
        guard let exchange else { return keep(at: now, &outputs) }
        if exchange.timer.due <= now { exchangeIsDue(exchange, at: now, &outputs) }
    }

    private mutating func exchangeIsDue(
        _ exchange: DHCPv6Exchange, at now: Instant, _ outputs: inout [Output]
    ) {
        let isFirst = exchange.timer.transmissions == 0
        if exchange.kind == .solicit, !isFirst, answerCollected(at: now, &outputs) { return }
        guard isFirst || !exchange.timer.hasFailed(at: now) else { return fail(exchange, at: now, &outputs) }
        transmit(at: now, &outputs)
    }

    private mutating func fail(_ exchange: DHCPv6Exchange, at now: Instant, _ outputs: inout [Output]) {
        switch exchange.kind {
        // Only one that nobody wants any more is given up.
        case .solicit: end(&outputs)
        case .request: requestFailed(at: now, &outputs)
        case .renew, .rebind: keep(at: now, &outputs)
        // RFC 8415, sections 18.2.7 and 18.2.8: the server finds out when the lease expires.
        case .release, .decline: end(&outputs)
        }
    }
}

// What the parts of the client do with the exchange.
extension DHCPv6Association {
    /// Begins another exchange, in the place of the one that there is.
    ///
    /// - Parameter start: when it is sent first, now or later.
    mutating func begin(
        _ kind: DHCPv6Exchange.Kind, _ prefix: IPv6Prefix?, server: [UInt8]?, _ limits: Retransmission.Limits,
        from start: Instant, until end: Instant? = nil, at now: Instant, _ outputs: inout [Output]
    ) {
        exchange = DHCPv6Exchange(
            kind, transactionIdentifier: UInt32(truncatingIfNeeded: random.next()) & 0xff_ffff,
            serverIdentifier: server, prefix: prefix, timer: Retransmission(limits, from: start, until: end))
        if start <= now { transmit(at: now, &outputs) }
    }

    private mutating func transmit(at now: Instant, _ outputs: inout [Output]) {
        guard let octets = exchange?.transmit(parameters, at: now, &random) else { return }
        outputs.append(.send(octets))
    }

    /// Nothing is to be done any more.
    mutating func end(_ outputs: inout [Output]) {
        lease = nil
        exchange = nil
        isOver = true
        outputs.append(.ended)
    }

    var isIdle: Bool { lease == nil && exchange == nil && !isOver }
}
