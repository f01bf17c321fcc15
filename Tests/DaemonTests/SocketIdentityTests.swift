import CLibc
import FoundationEssentials
import Posix
import Testing

private let isRoot = geteuid() == 0

struct SocketIdentityTests {
    @Test(arguments: [
        (SOCK_STREAM, 0, IPPROTO_TCP, true),
        (SOCK_DGRAM, 0, IPPROTO_UDP, true),
        (SOCK_DGRAM, IPPROTO_UDPLITE, IPPROTO_UDPLITE, false),
        (SOCK_STREAM, IPPROTO_MPTCP, IPPROTO_MPTCP, false),
    ])
    func aSocketSaysWhetherItsDeathIsAnnounced(
        kind: __socket_type, asked: Int, transport: Int, isAnnounced: Bool
    ) throws {
        let number = socket(AF_INET6, Int32(kind.rawValue | SOCK_CLOEXEC.rawValue), Int32(asked))
        // A kernel may be built without MPTCP or UDP-Lite.
        if number < 0, odm_errno() == EPROTONOSUPPORT { return }
        let identity = try Descriptor(adopting: number).socketIdentity()
        #expect(identity.isIPv6)
        #expect(identity.kind == Int32(kind.rawValue))
        #expect(identity.transport == Int32(transport))
        #expect(identity.isDeathAnnounced == isAnnounced)
    }

    @Test(
        .enabled(if: isRoot, "raw sockets take root"), arguments: [IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMPV6])
    func aRawSocketIsNotTakenForWhatItsProtocolSays(transport: Int) throws {
        let number = socket(AF_INET6, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), Int32(transport))
        let identity = try Descriptor(adopting: number).socketIdentity()
        #expect(identity.transport == Int32(transport))
        #expect(!identity.isDeathAnnounced)
    }

    @Test func theInodeIsTheOneThatProcNames() throws {
        let descriptor = Descriptor(
            adopting: socket(AF_INET6, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
        let identity = try descriptor.socketIdentity()
        let target = try FileManager.default.destinationOfSymbolicLink(
            atPath: "/proc/self/fd/\(descriptor.number)")
        #expect(target == "socket:[\(identity.inode)]")
    }

    @Test func whatIsNoSocketHasNoIdentity() throws {
        let descriptor = Descriptor(adopting: unsafe odm_open("/dev/null", O_RDONLY | O_CLOEXEC, 0))
        #expect(throws: SystemError("read socket option \(SO_DOMAIN)", errno: ENOTSOCK)) {
            _ = try descriptor.socketIdentity()
        }
    }
}
