import CLibc
import Testing

@testable import Kernel
@testable import Mobility

@Suite(.enabled(if: canMakeNamespaces, "making network namespaces takes root"))
struct RouterMonitorTests {
    /// A link `va`–`vb` in a namespace of its own, on which `vb` is where a router is.
    private func onALink(_ body: (_ host: UInt32) throws -> Void) throws {
        try inFreshNamespace {
            ip("link add va type veth peer name vb")
            // The router's own address is on this host as well.
            for setting in [
                "va/accept_ra_from_local=1", "va/accept_dad=0", "vb/accept_dad=0", "vb/accept_ra=0",
            ] {
                let status = unsafe system("sysctl -qw net/ipv6/conf/\(setting)")
                #expect(status == 0)
            }
            ip("link set va up")
            ip("link set vb up")
            ip("addr add fe80::1/64 dev vb nodad")
            let routes = try RouteSocket.open()
            try body(try #require(try routes.links().first { $0.name == "va" }).index)
        }
    }

    /// Sends an advertisement from `vb` with one Prefix Information option of these flags.
    private func advertise(flags: UInt8, hopLimit: Int = 255) {
        let script = """
            import socket, struct
            index = socket.if_nametoindex("vb")
            router = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
            router.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, \(hopLimit))
            router.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 0)
            router.bind(("fe80::1", 0, 0, index))
            prefix = socket.inet_pton(socket.AF_INET6, "2001:db8:1::")
            option = struct.pack("!BBBBIII16s", 3, 4, 64, \(flags), 3600, 600, 0, prefix)
            message = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0) + option
            router.sendto(message, ("ff02::1", 0, 0, index))
            """
        let status = unsafe system("/usr/bin/python3 -c '\(script)'")
        #expect(status == 0)
    }

    private func notices(_ monitor: RouterMonitor, atLeast count: Int) throws -> [RouterNotice] {
        var notices: [RouterNotice] = []
        _ = try eventually {
            let outcome = try monitor.drain(budget: 64) { notices.append($0) }
            #expect(outcome == .drained)
            return notices.count >= count
        }
        return notices
    }

    /// The option comes whole, the type's bits included; the older notice says the same without them.
    @Test func aPrefixIsToldOfWithAllItsBits() throws {
        try onALink { host in
            let monitor = try RouterMonitor.open()
            advertise(flags: 0xc2)
            let notices = try notices(monitor, atLeast: 2)
            let option: [UInt8] = [
                3, 4, 64, 0xc2,  // Prefix Information, 4 × 8 octets, /64, on-link, autonomous, SrvTp 2
                0, 0, 0x0e, 0x10, 0, 0, 0x02, 0x58, 0, 0, 0, 0,  // 3,600 s, 600 s, reserved
                0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            ]
            #expect(notices.contains(.option(option, interfaceIndex: host)))
            #expect(
                notices.contains(
                    .prefix(
                        KernelPrefix(
                            interfaceIndex: host, prefix: "2001:db8:1::/64", isOnLink: true,
                            isAutonomous: true,
                            preferredSeconds: 600, validSeconds: 3_600))))
        }
    }

    @Test(
        arguments: [
            (0x00, false, false), (0x01, true, false), (0x02, false, true), (0x03, true, true),
            (0x80, true, false),
            (0x40, false, true), (0xc0, true, true), (0xc2, true, true), (0x20, false, false),
        ] as [(UInt8, Bool, Bool)])
    func flagsOfOlderAndOfNewerKernels(flags: UInt8, isOnLink: Bool, isAutonomous: Bool) {
        #expect(PrefixFlags(flags).isOnLink == isOnLink)
        #expect(PrefixFlags(flags).isAutonomous == isAutonomous)
    }

    /// The kernel has looked at it: RFC 4861, section 6.1.2.
    @Test func whatComesFromAnotherLinkIsNotToldOf() throws {
        try onALink { _ in
            let monitor = try RouterMonitor.open()
            advertise(flags: 0xc0, hopLimit: 64)
            advertise(flags: 0xc1)
            let notices = try notices(monitor, atLeast: 2)
            #expect(notices.count == 2)
        }
    }

    @Test func theAddressThatTheKernelMakesIsAutoconfigured() throws {
        try onALink { host in
            advertise(flags: 0xc0)
            let routes = try RouteSocket.open()
            var made: KernelAddress?
            _ = try eventually {
                made = try routes.addresses().first { IPv6Prefix("2001:db8:1::/64").contains($0.address) }
                return made != nil
            }
            let address = try #require(made)
            #expect(address.interfaceIndex == host)
            #expect(address.isAutoconfigured)
        }
    }

    @Test(
        arguments: [
            (AddressFlags.permanent, false), (.temporary, false), ([], true), ([.tentative], true),
            ([.dadFailed], true), ([.deprecated], true),
        ] as [(AddressFlags, Bool)])
    func flagsTellWhatIsAutoconfigured(flags: AddressFlags, isIt: Bool) {
        var address = ourAddress("2001:db8:1::1")
        address.flags = flags
        address.proto = 2  // IFAPROT_KERNEL_RA
        #expect(address.isAutoconfigured == isIt)
        address.address = "fe80::1"
        #expect(!address.isAutoconfigured)
        address.address = "2001:db8:1::1"
        address.proto = RoutingProtocol.address(of: .nonPersistent)
        #expect(!address.isAutoconfigured)
    }
}
