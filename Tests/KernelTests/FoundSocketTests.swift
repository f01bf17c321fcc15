import CLibc
import Testing

@testable import Kernel
@testable import Mobility

struct FoundSocketTests {
    struct Entry: Sendable {
        var state: UInt8 = 1
        var timer: UInt8 = 0
        var expires: UInt32 = 0
        var inode: UInt32 = 77
        var timeWaitLeft: Duration?
        var isDeathAnnounced = true
    }

    @Test(arguments: [
        // Established, bound, closing without a holder.
        Entry(), Entry(state: 7), Entry(state: 4, timer: 1, expires: 200, inode: 0),
        // Half of a connection, and one whose child was accepted before it was whole (TCP Fast Open).
        Entry(state: 3, timer: 1, expires: 900, inode: 0, isDeathAnnounced: false), Entry(state: 3),
        // TIME-WAIT, and FIN-WAIT-2 of which the socket is gone.
        Entry(
            state: 6, timer: 3, expires: 59_000, inode: 0, timeWaitLeft: .seconds(59),
            isDeathAnnounced: false),
        Entry(
            state: 5, timer: 3, expires: 1_500, inode: 0, timeWaitLeft: .milliseconds(1_500),
            isDeathAnnounced: false),
        Entry(state: 5),
    ])
    func whatIsSaidOfATCPSocket(entry: Entry) throws {
        let found = try #require(read(octets(of: entry), in: .tcp))
        #expect(found.cookie == 0x0000_0002_0000_0001)
        #expect(found.address == "2001:db8::1")
        #expect(found.transport == UInt16(IPPROTO_TCP))
        #expect(found.user == 1000)
        #expect(found.inode == entry.inode)
        #expect(found.timeWaitLeft == entry.timeWaitLeft)
        #expect(found.isDeathAnnounced == entry.isDeathAnnounced)
    }

    @Test func theOtherLists() throws {
        let socket = octets(of: Entry(state: 7))
        let udp = try #require(read(socket, in: .udp))
        #expect(udp.transport == UInt16(IPPROTO_UDP))
        #expect(udp.isDeathAnnounced)
        let udpLite = try #require(read(socket, in: .udpLite))
        #expect(udpLite.transport == UInt16(IPPROTO_UDPLITE))
        #expect(!udpLite.isDeathAnnounced)
        // The protocol is where others have their port.
        let raw = try #require(read(socket, in: .raw))
        #expect(raw.transport == UInt16(IPPROTO_ICMPV6))
        #expect(!raw.isDeathAnnounced)
    }

    @Test func whatIsTooShortOrOfAnotherFamilyIsNone() {
        let socket = octets(of: Entry())
        #expect(read(Array(socket.dropLast(4)), in: .tcp) == nil)
        var other = socket
        other[16] = UInt8(AF_INET)
        #expect(read(other, in: .tcp) == nil)
    }

    private let line =
        "  215: B80D0120000000000000000001000000:003A 00000000000000000000000000000000:0000 07 "
        + "00000000:00000000 00:00000000 00000000  1000        0 9731517 2 000000000c0dc0dc 0"

    @Test func aLineOfATable() throws {
        var found = try #require(read(line, in: "2001:db8::/64"))
        #expect(found.address == "2001:db8::1")
        #expect(found.inode == 9_731_517)
        #expect(found.cookie == 0x8000_0000_0094_7dbd)
        #expect(found.user == 1000)
        #expect(found.transport == 58)
        #expect(!found.isDeathAnnounced)
        found = try #require(read(line, in: "2001:db8::1/128", transport: 1))
        #expect(found.transport == 1)
        #expect(read(line, in: "2001:db8::2/128") == nil)
    }

    @Test func whatIsNoLineOfATableIsPassedOver() {
        #expect(read("  sl  local_address                         remote_address", in: "::/0") == nil)
        #expect(read("", in: "::/0") == nil)
        for count in 0..<line.utf8.count where count < 140 {
            #expect(read(String(line.prefix(count)), in: "::/0") == nil)
        }
        #expect(read(line.replacing("B80D", with: "B8xD"), in: "::/0") == nil)
        #expect(read(line.replacing("9731517", with: "97315170000"), in: "::/0") == nil)
    }

    private func read(_ line: String, in prefix: IPv6Prefix, transport: UInt16? = nil) -> Kernel.FoundSocket?
    {
        Kernel.FoundSocket(tableLine: Array(line.utf8)[...], in: prefix, transport: transport)
    }

    private func read(_ octets: [UInt8], in list: SocketList) -> Kernel.FoundSocket? {
        var octets = octets
        octets[0] = UInt8(octets.count)
        return unsafe octets.withUnsafeMutableBytes { buffer in
            var messages = unsafe NetlinkMessages(in: buffer, octets: buffer.count)
            return messages.next().flatMap { Kernel.FoundSocket($0, in: list) }
        }
    }

    /// A struct nlmsghdr and a struct inet_diag_msg, numbers with the low octet first.
    private func octets(of entry: Entry) -> [UInt8] {
        let header: [UInt8] = [88, 0, 0, 0, 20, 0, 0, 0] + [UInt8](repeating: 0, count: 8)
        let ports: [UInt8] = [0, 58, 0, 0]
        let source: [UInt8] = [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [1]
        let destination = [UInt8](repeating: 0, count: 16)
        let interfaceAndCookie: [UInt8] = [0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0]
        return header + [UInt8(AF_INET6), entry.state, entry.timer, 0] + ports + source + destination
            + interfaceAndCookie + octets(entry.expires) + octets(0) + octets(0) + octets(1000)
            + octets(entry.inode)
    }

    private func octets(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
}
