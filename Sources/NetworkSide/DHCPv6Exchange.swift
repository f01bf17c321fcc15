internal import Mobility

/// A message that is sent, and sent again, until it is answered or given up.
struct DHCPv6Exchange {
    enum Kind {
        case solicit, request, renew, rebind, release, decline
    }

    let kind: Kind
    let transactionIdentifier: UInt32
    /// The server that is to answer; nil for any.
    let serverIdentifier: [UInt8]?
    /// The prefix that it is about; nil for any.
    let prefix: IPv6Prefix?
    var timer: Retransmission
    private var firstSentAt: Instant?

    init(
        _ kind: Kind, transactionIdentifier: UInt32, serverIdentifier: [UInt8]?, prefix: IPv6Prefix?,
        timer: Retransmission
    ) {
        self.kind = kind
        self.transactionIdentifier = transactionIdentifier
        self.serverIdentifier = serverIdentifier
        self.prefix = prefix
        self.timer = timer
    }

    /// Counts a transmission.
    ///
    /// - Returns: what is to be sent now.
    mutating func transmit(
        _ parameters: DHCPv6Association.Parameters, at now: Instant, _ random: inout RandomNumbers
    ) -> [UInt8] {
        let start = firstSentAt ?? now
        firstSentAt = start
        timer.sent(at: now, &random)
        return message(parameters, elapsed: now.since(start))
            .encoded(continuityOption: parameters.conveyance.continuityOption)
    }

    private func message(_ parameters: DHCPv6Association.Parameters, elapsed: Duration) -> DHCPv6Message {
        var message = DHCPv6Message(kind.messageKind, transactionIdentifier: transactionIdentifier)
        message.clientIdentifier = parameters.clientIdentifier
        message.serverIdentifier = serverIdentifier
        message.elapsedTime = UInt16(clamping: Int64(elapsed / .milliseconds(10)))
        message.isRapidCommit = kind == .solicit
        if kind.asksForOptions { message.optionRequest = parameters.conveyance.optionRequest }
        message.associations = [association(parameters)]
        // A server chooses anew at every message: one that is not told the type would give another prefix.
        switch parameters.conveyance {
        case .userClass: message.userClasses = [Array("odm-\(parameters.type)".utf8)]
        case .continuityOption: message.continuityCode = parameters.type.networkCode
        case .none: break
        }
        return message
    }

    /// T1, T2 and lifetimes are the server's: a client sends zeros.
    private func association(_ parameters: DHCPv6Association.Parameters) -> IdentityAssociation {
        let assignment = (prefix ?? parameters.prefixToSolicit).map {
            IdentityAssociation.Assignment(
                $0, continuityCode: parameters.conveyance.code(of: parameters.type))
        }
        return IdentityAssociation(
            parameters.content, identifier: parameters.identifier,
            assignments: [assignment].compactMap(\.self))
    }
}

extension DHCPv6Exchange.Kind {
    fileprivate var messageKind: DHCPv6Message.Kind {
        switch self {
        case .solicit: .solicit
        case .request: .request
        case .renew: .renew
        case .rebind: .rebind
        case .release: .release
        case .decline: .decline
        }
    }

    /// A server that takes something back has nothing to tell (RFC 8415, section 18.2.7).
    fileprivate var asksForOptions: Bool {
        switch self {
        case .solicit, .request, .renew, .rebind: true
        case .release, .decline: false
        }
    }
}

extension DHCPv6Association.Parameters {
    /// ::/0 says nothing but carries the continuity option, which has its place within a prefix.
    fileprivate var prefixToSolicit: IPv6Prefix? {
        if let hint { return hint }
        switch (content, conveyance) {
        case (.prefixDelegation, .continuityOption): return .everything
        case (.prefixDelegation, .userClass), (.prefixDelegation, .none), (.nonTemporaryAddress, _):
            return nil
        }
    }
}

extension Conveyance {
    /// Number of OPTION_IPv6_CONTINUITY_SERVICE, if it is in use.
    var continuityOption: UInt16? {
        switch self {
        case .continuityOption(let code): code
        case .userClass, .none: nil
        }
    }

    fileprivate func code(of type: ContinuityType) -> UInt8? {
        continuityOption == nil ? nil : type.networkCode
    }

    /// A client MUST ask for SOL_MAX_RT (RFC 8415, section 18.2.1).
    fileprivate var optionRequest: [UInt16] {
        [DHCPv6OptionCode.maxSolicitTimeout.rawValue, continuityOption].compactMap(\.self)
    }
}
