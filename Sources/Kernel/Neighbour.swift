internal import CNetlink
public import Mobility

// Neighbours: the kernel's cache of where on a link an address is (RFC 4861, section 5.1).
extension RouteSocket {
    /// Removes an entry. What waits for the neighbour to be found is dropped, and goes another way when it is sent again.
    ///
    /// - Throws: ENOENT if there is none, ENODEV, EPERM.
    public func forgetNeighbour(_ address: IPv6Address, interfaceIndex: UInt32) throws(KernelError) {
        try change(RTM_DELNEIGH, flags: 0, address, interfaceIndex, state: 0)
    }

    /// Has the kernel ask the neighbour now whether it is there (NUD_PROBE; RFC 4861, section 7.3). What comes of it
    /// is seen by `isReachable`.
    ///
    /// - Throws: ENODEV, EPERM.
    public func probeNeighbour(_ address: IPv6Address, interfaceIndex: UInt32) throws(KernelError) {
        do {
            try change(RTM_NEWNEIGH, flags: 0, address, interfaceIndex, state: NUD_PROBE)
        } catch {
            // Nobody knows where it is: it is looked for.
            guard error.errno == ENOENT || error.errno == EINVAL else { throw error }
            try change(
                RTM_NEWNEIGH, flags: NLM_F_CREATE, address, interfaceIndex, state: NUD_NONE,
                neighbourFlags: NTF_USE)
        }
    }

    /// Whether the neighbour has answered of late (NUD_REACHABLE).
    public func isReachable(_ address: IPv6Address, interfaceIndex: UInt32) throws(KernelError) -> Bool {
        let request = neighbourRequest(RTM_GETNEIGH, flags: 0, address, interfaceIndex)
        var isReachable = false
        do {
            try unsafe requests.perform(
                request.header, .findNeighbour(address, interfaceIndex: interfaceIndex)
            ) {
                guard let header = $0.familyHeader(as: ndmsg.self) else { return }
                isReachable = Int32(header.ndm_state) & NUD_REACHABLE != 0
            }
        } catch {
            guard error.errno == ENOENT else { throw error }
        }
        return isReachable
    }

    private func change(
        _ type: Int, flags: Int32, _ address: IPv6Address, _ interfaceIndex: UInt32, state: Int32,
        neighbourFlags: Int32 = 0
    ) throws(KernelError) {
        let request = neighbourRequest(
            type, flags: flags, address, interfaceIndex, state: state, neighbourFlags: neighbourFlags)
        try unsafe requests.perform(
            request.header, .changeNeighbour(address, interfaceIndex: interfaceIndex))
    }

    private func neighbourRequest(
        _ type: Int, flags: Int32, _ address: IPv6Address, _ interfaceIndex: UInt32, state: Int32 = 0,
        neighbourFlags: Int32 = 0
    ) -> NetlinkRequest {
        let request = NetlinkRequest(type, flags: NLM_F_ACK | flags)
        var header = ndmsg()
        header.ndm_family = UInt8(AF_INET6)
        header.ndm_ifindex = Int32(bitPattern: interfaceIndex)
        header.ndm_state = UInt16(state)
        header.ndm_flags = UInt8(neighbourFlags)
        request.append(header)
        request.put(Int(NDA_DST), address)
        return request
    }
}
