import Mobility
import NetworkSide
import Posix

// Between the client's clock, which stops with the machine, and the file's.

extension StoredLease.DHCPv6 {
    init(_ lease: DHCPv6Lease, at now: Instant) {
        let age = now.since(lease.receivedAt).components.seconds * 1000
        self.init(
            content: lease.content == .prefixDelegation ? "prefix" : "address", iaid: lease.identifier,
            server: lease.serverIdentifier.map(Self.hexadecimal).joined(), renewSeconds: lease.renewalSeconds,
            rebindSeconds: lease.rebindingSeconds, preferredSeconds: lease.preferredSeconds,
            validSeconds: lease.validSeconds, receivedAt: max(0, WallClock.milliseconds - age))
    }

    /// A server may have given it, with these times, on a link.
    func makesSense(of prefix: LeasedPrefix) -> Bool {
        guard StoredLease.moments.contains(receivedAt), prefix.interface != nil,
            let server = Self.octets(server), DHCPv6Message.identifierLengths.contains(server.count)
        else { return false }
        let isWhatItSays = content == "prefix" || content == "address" && prefix.prefix.length == 128
        let isInOrder = renewSeconds == 0 || rebindSeconds == 0 || renewSeconds <= rebindSeconds
        return isWhatItSays && isInOrder && validSeconds > 0 && preferredSeconds <= validSeconds
    }

    /// Nil if it makes no sense, or its time is over.
    func lease(_ prefix: LeasedPrefix, at now: Instant) -> DHCPv6Lease? {
        guard makesSense(of: prefix), let server = Self.octets(server) else { return nil }
        let lease = DHCPv6Lease(
            content: content == "prefix" ? .prefixDelegation : .nonTemporaryAddress, identifier: iaid,
            type: prefix.type, prefix: prefix.prefix, serverIdentifier: server, renewalSeconds: renewSeconds,
            rebindingSeconds: rebindSeconds, preferredSeconds: preferredSeconds, validSeconds: validSeconds,
            receivedAt: now)
        let age = UInt64(max(0, WallClock.milliseconds - receivedAt)) / 1000
        let aged = lease.aged(bySeconds: age, now: now)
        return aged.validSeconds > 0 ? aged : nil
    }

    private static func hexadecimal(_ octet: UInt8) -> String {
        (octet < 16 ? "0" : "") + String(octet, radix: 16)
    }

    private static func octets(_ digits: String) -> [UInt8]? {
        let values = digits.map(\.hexDigitValue)
        guard values.count.isMultiple(of: 2), !values.contains(nil) else { return nil }
        let nibbles = values.compactMap(\.self)
        return stride(from: 0, to: nibbles.count, by: 2).map { UInt8(nibbles[$0] << 4 | nibbles[$0 + 1]) }
    }
}
