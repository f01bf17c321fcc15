import CLibc
import Kernel
import Mobility
import Testing

/// Making network namespaces and changing what is in them takes root.
nonisolated let canMakeNamespaces = geteuid() == 0

/// Runs `body` in a network namespace of its own, with `lo` up, and comes back. Only this thread moves, and a
/// test that does not await stays on it.
func inFreshNamespace(_ body: () throws -> Void) throws {
    let home = unsafe odm_open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC, 0)
    try #require(home >= 0)
    defer { close(home) }
    try #require(unshare(CLONE_NEWNET) == 0)
    defer { precondition(setns(home, CLONE_NEWNET) == 0, "cannot return to the network namespace") }
    ip("link set lo up")
    try body()
}

/// Its index in every new namespace.
let loopbackIndex: UInt32 = 1

/// iproute2, as somebody else who changes things.
func ip(_ arguments: String) {
    let status = unsafe system("ip \(arguments)")
    #expect(status == 0, "ip \(arguments)")
}

/// True as soon as `condition` is, false after two seconds: the kernel tells of deaths from a work queue.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<400 {
        if try condition() { return true }
        usleep(5_000)
    }
    return false
}

/// An address of ours as the daemon makes it.
func ourAddress(_ address: IPv6Address, _ type: ContinuityType = .sessionLasting) -> KernelAddress {
    KernelAddress(
        address: address, prefixLength: 128, interfaceIndex: loopbackIndex,
        flags: [.noDAD, .noPrefixRoute], preferredSeconds: 0, validSeconds: .max,
        proto: RoutingProtocol.address(of: type))
}
