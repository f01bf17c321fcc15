import CLibc
import Testing

/// Making network namespaces and changing what is in them takes root.
nonisolated let canMakeNamespaces = geteuid() == 0

/// Two interfaces that are joined like the ends of a cable: the client is on `va` with fe80::a, a server on `vb` with
/// fe80::b.
struct DHCPv6Link {
    let client: UInt32
    let server: UInt32

    /// Runs `body` in a network namespace of its own with such a link, and comes back. Only this thread moves, and a
    /// test that does not await stays on it.
    ///
    /// - Parameter addresses: of the client's interface.
    static func with<Result>(
        _ addresses: [String] = ["fe80::a/64"], _ body: (DHCPv6Link) throws -> Result
    ) throws -> Result {
        let home = unsafe odm_open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC, 0)
        try #require(home >= 0)
        defer { close(home) }
        try #require(unshare(CLONE_NEWNET) == 0)
        defer { precondition(setns(home, CLONE_NEWNET) == 0, "cannot return to the network namespace") }
        ip("link set lo up")
        ip("link add va type veth peer name vb")
        ip("link set va addrgenmode none")
        ip("link set vb addrgenmode none")
        for address in addresses { ip("addr add \(address) dev va nodad") }
        ip("addr add fe80::b/64 dev vb nodad")
        ip("link set va up")
        ip("link set vb up")
        try #require(isReady("va") && isReady("vb"))
        return try unsafe body(DHCPv6Link(client: if_nametoindex("va"), server: if_nametoindex("vb")))
    }

    static func ip(_ arguments: String) {
        let status = unsafe system("ip \(arguments)")
        #expect(status == 0, "ip \(arguments)")
    }

    /// The kernel tells an interface that it has a carrier some time after it is up.
    private static func isReady(_ interface: String) -> Bool {
        for _ in 0..<400 {
            if unsafe system("ip link show \(interface) | grep -q 'state UP'") == 0 { return true }
            usleep(5_000)
        }
        return false
    }
}
