public import Mobility

/// Which messages are answers to what was sent (RFC 8415, sections 16.3 and 16.10).
extension DHCPv6Association {
    /// Takes any octets that came to port 546.
    ///
    /// - Returns: what they were; of no consequence but for a log.
    @discardableResult
    public mutating func receive(
        _ octets: Span<UInt8>, at now: Instant, _ outputs: inout [Output]
    ) -> DHCPv6Reception {
        guard let exchange, exchange.timer.transmissions > 0 else { return .ignored(.notAsked) }
        do throws(DHCPv6DecodingError) {
            let message = try DHCPv6Message(octets, continuityOption: parameters.conveyance.continuityOption)
            if let reason = objection(to: message, exchange) { return .ignored(reason) }
            let answer = DHCPv6Answer(message: message, parameters: parameters, receivedAt: now)
            return answered(answer, exchange, at: now, &outputs)
        } catch {
            return .ignored(.malformed(error))
        }
    }

    /// Nil for an answer to us.
    private func objection(to message: DHCPv6Message, _ exchange: DHCPv6Exchange) -> DHCPv6Reception.Reason? {
        let isAnswer = message.kind == .reply || message.kind == .advertise && exchange.kind == .solicit
        guard isAnswer else { return .unexpected(message.kind) }
        guard message.transactionIdentifier == exchange.transactionIdentifier else {
            return .otherTransaction
        }
        guard message.clientIdentifier == parameters.clientIdentifier else { return .otherClient }
        guard let server = message.serverIdentifier else { return .noServer }
        guard exchange.serverIdentifier.map({ $0 == server }) ?? true else { return .otherServer }
        return nil
    }

    private mutating func answered(
        _ answer: DHCPv6Answer, _ exchange: DHCPv6Exchange, at now: Instant, _ outputs: inout [Output]
    ) -> DHCPv6Reception {
        switch (exchange.kind, lease) {
        case (.solicit, _):
            return answer.message.kind == .advertise
                ? advertised(answer, at: now, &outputs) : committed(answer, at: now, &outputs)
        case (.request, _): return requestAnswered(answer, at: now, &outputs)
        case (.renew, let lease?), (.rebind, let lease?):
            return renewalAnswered(answer, lease, at: now, &outputs)
        case (.renew, nil), (.rebind, nil): preconditionFailure("who renews has a lease")
        case (.release, _), (.decline, _):
            // Whatever the server says, NoBinding included: it is no longer ours.
            end(&outputs)
            return .answer
        }
    }
}
