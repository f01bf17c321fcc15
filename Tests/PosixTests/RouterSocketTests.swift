import CLibc
import Posix
import Testing

@Suite(
    "Socket for Router Advertisements",
    .enabled(if: canMakeNamespaces, "making network namespaces takes root"))
struct RouterSocketTests {
    private static let linkLocal: [UInt8] = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b]

    /// Sends an ICMPv6 message from `vb`.
    private func send(_ type: Int, hopLimit: Int = 255) {
        let script = """
            import socket
            index = socket.if_nametoindex("vb")
            router = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
            router.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, \(hopLimit))
            router.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 0)
            router.bind(("fe80::b", 0, 0, index))
            router.sendto(bytes([\(type), 0, 0, 0, 64, 0, 7, 8] + [0] * 8), ("ff02::1", 0, 0, index))
            """
        let status = unsafe system("/usr/bin/python3 -c '\(script)'")
        #expect(status == 0)
    }

    private func next(_ socket: borrowing RouterSocket) throws -> RouterSocket.Received? {
        for _ in 0..<400 {
            if let received = try socket.receive() { return received }
            usleep(5_000)
        }
        return nil
    }

    @Test(arguments: [255, 64]) func anAdvertisementComesWithWhatMustBeChecked(hopLimit: Int) throws {
        try DHCPv6Link.with { link in
            let socket = try RouterSocket.open()
            send(134, hopLimit: hopLimit)
            let received = try #require(try next(socket))
            #expect(
                received.octets.count == 16 && received.octets[0] == 134 && received.octets[6...7] == [7, 8])
            #expect(received.source == Self.linkLocal)
            #expect(received.interfaceIndex == link.client)
            #expect(received.hopLimit == UInt8(hopLimit))
            #expect(try socket.receive() == nil)
        }
    }

    @Test func nothingElseIsReceived() throws {
        try DHCPv6Link.with { _ in
            let socket = try RouterSocket.open()
            for type in [128, 133, 136, 135] { send(type) }
            send(134)
            #expect(try next(socket)?.octets.first == 134)
            #expect(try socket.receive() == nil)
        }
    }

    /// RFC 4861, section 6.1.1: a router looks at the hop limit.
    @Test func aSolicitationArrivesWithHopLimit255() throws {
        try DHCPv6Link.with { link in
            let script = """
                import socket, struct
                routers = socket.inet_pton(socket.AF_INET6, "ff02::2") + struct.pack("=I", \(link.server))
                router = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
                router.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, routers)
                router.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
                router.settimeout(5)
                open("ready", "w").close()
                while True:
                    message, control, _, sender = router.recvmsg(100, 100)
                    if message[0] == 133: break
                limits = [struct.unpack("=i", data)[0] for _, _, data in control]
                raise SystemExit(0 if (limits, len(message), sender[0].split("%")[0]) == ([255], 8, "fe80::a") else 1)
                """
            let directory = "/tmp/odm-router-\(getpid())-\(link.client)"
            let socket = try RouterSocket.open()
            let command =
                "mkdir -p \(directory) && cd \(directory) && rm -f ready && /usr/bin/python3 -c '\(script)'"
            // The shell tells when it listens, and keeps its exit status for afterwards.
            let started = unsafe system("(\(command); echo $? > status) 2>/dev/null &")
            #expect(started == 0)
            for _ in 0..<400 where (try? File.read("\(directory)/ready", limit: 10)) == nil { usleep(5_000) }
            try socket.solicit(interfaceIndex: link.client)
            var status: [UInt8] = []
            for _ in 0..<400 where status.isEmpty {
                usleep(5_000)
                status = (try? File.read("\(directory)/status", limit: 10)) ?? []
            }
            _ = unsafe system("rm -rf \(directory)")
            #expect(status == Array("0\n".utf8))
        }
    }

    @Test func withoutALinkLocalAddressThereIsNoSolicitation() throws {
        try DHCPv6Link.with([]) { link in
            let socket = try RouterSocket.open()
            #expect {
                try socket.solicit(interfaceIndex: link.client)
            } throws: { error in
                [EADDRNOTAVAIL, ENETUNREACH].contains((error as? SystemError)?.errno)
            }
        }
    }

    @Test func withoutTheInterfaceThereIsNone() throws {
        try DHCPv6Link.with { _ in
            let socket = try RouterSocket.open()
            #expect(throws: SystemError.self) { try socket.solicit(interfaceIndex: 9999) }
        }
    }

    @Test(arguments: [
        ("0", "0", false), ("0", "1", false), ("1", "0", true), ("1", "1", false), ("2", "0", true),
        ("2", "1", true),
    ])
    func theKernelAcceptsWhatItsSettingsSay(accept: String, forwarding: String, accepts: Bool) throws {
        try DHCPv6Link.with { _ in
            for (setting, value) in [("forwarding", forwarding), ("accept_ra", accept)] {
                let status = unsafe system("sysctl -qw net/ipv6/conf/va/\(setting)=\(value)")
                #expect(status == 0)
            }
            #expect(InterfaceSettings(ofInterface: "va").acceptsAdvertisements == accepts)
        }
    }

    @Test func anInterfaceThatIsNotThereHasTheDefaults() {
        #expect(InterfaceSettings(ofInterface: "nowhere0").acceptsAdvertisements)
    }
}
