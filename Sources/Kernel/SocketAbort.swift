internal import CNetlink
public import Mobility

extension SocketDiagnosis {
    /// Ends the TCP and UDP sockets that are bound to an address, as the kernel does when it gives a connection up
    /// (SOCK_DESTROY): the next call on one fails with ECONNABORTED, accept() with EINVAL. What is bound and nothing else
    /// cannot be ended. The descriptors stay their processes'.
    ///
    /// - Parameter cookies: those and no others; nil for all.
    /// - Returns: how many were ended.
    /// - Throws: EOPNOTSUPP if the kernel was built without CONFIG_INET_DIAG_DESTROY, EPERM, and what
    ///   `sockets(boundIn:)` throws.
    public func abort(boundTo address: IPv6Address, only cookies: [UInt64]? = nil) throws(KernelError) -> Int
    {
        let wanted = cookies.map(Set.init)
        var count = 0
        for list in [SocketList.tcp, .udp] {
            for socket in try sockets(list, boundTo: address) where wanted?.contains(socket.cookie) ?? true {
                do {
                    try abort(socket, list, address)
                    count += 1
                } catch {
                    // It is gone by now, or bound only.
                    guard error.errno == ENOENT else { throw error }
                }
            }
        }
        return count
    }

    private func sockets(
        _ list: SocketList, boundTo address: IPv6Address
    ) throws(KernelError) -> [inet_diag_sockid] {
        var found: [inet_diag_sockid] = []
        try messages(list, IPv6Prefix(host: address)) { message in
            guard let socket = message.familyHeader(as: inet_diag_msg.self), !socket.isTimeWait else {
                return
            }
            found.append(socket.id)
        }
        return found
    }

    private func abort(
        _ socket: inet_diag_sockid, _ list: SocketList, _ address: IPv6Address
    ) throws(KernelError) {
        let request = NetlinkRequest(Int(SOCK_DESTROY), flags: NLM_F_ACK)
        var header = inet_diag_req_v2()
        header.sdiag_family = UInt8(AF_INET6)
        header.sdiag_protocol = UInt8(list.number)
        header.idiag_states = .max
        header.id = socket
        request.append(header)
        try unsafe requests.perform(request.header, .abortSockets(boundTo: address))
    }
}
