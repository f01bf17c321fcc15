internal import CNetlink
public import Mobility

/// What a TCP connection has carried: of other sockets the kernel keeps no count.
extension NetlinkMessage {
    /// Octets that either side has acknowledged (INET_DIAG_INFO: tcpi_bytes_acked and tcpi_bytes_received, RFC 4898), and
    /// the address of our side; nil if the message does not say.
    var traffic: Traffic? {
        guard let socket = familyHeader(as: inet_diag_msg.self), socket.idiag_family == AF_INET6 else {
            return nil
        }
        for attribute in attributes(after: inet_diag_msg.self) where attribute.type == Int(INET_DIAG_INFO) {
            guard let counters: TransferCounters = attribute.value(),
                counters.acknowledged > 0 || counters.received > 0
            else { return nil }
            return Traffic(
                address: unsafe withUnsafeBytes(of: socket.id.idiag_src) { unsafe $0.address },
                octets: counters.acknowledged &+ counters.received)
        }
        return nil
    }
}

/// struct tcp_info up to the members that are wanted: the headers of libc stop short of them.
private struct TransferCounters: BitwiseCopyable {
    private let before: InlineArray<15, UInt64>
    /// tcpi_bytes_acked.
    let acknowledged: UInt64
    /// tcpi_bytes_received.
    let received: UInt64
}

extension SocketDiagnosis {
    /// What the TCP connections have carried that are there and have their own address in `prefix`: a sum for each address.
    ///
    /// - Throws: as `sockets(boundIn:_:)` does.
    public func traffic(in prefix: IPv6Prefix) throws(KernelError) -> [Traffic] {
        var sums: [IPv6Address: UInt64] = [:]
        try messages(.tcp, prefix, with: INET_DIAG_INFO) { message in
            if let traffic = message.traffic { sums[traffic.address, default: 0] &+= traffic.octets }
        }
        return sums.map { Traffic(address: $0.key, octets: $0.value) }.sorted { $0.address < $1.address }
    }
}
