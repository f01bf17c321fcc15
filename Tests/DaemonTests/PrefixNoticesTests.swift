import Kernel
import Mobility
import Testing

@testable import Daemon
@testable import EventLoop

@Suite("What the kernel tells of prefixes") final class PrefixNoticesTests {
    private let loop: EventLoop
    private var told: [Advertisement] = []
    private var notices: PrefixNotices?

    init() throws {
        loop = try EventLoop()
        notices = try PrefixNotices(loop: loop) { [unowned self] in told.append($0) }
    }

    private func prefix(
        _ prefix: IPv6Prefix, on link: UInt32 = 2, preferredSeconds: UInt32 = 600,
        validSeconds: UInt32 = 3_600
    ) -> RouterNotice {
        .prefix(
            KernelPrefix(
                interfaceIndex: link, prefix: prefix, isOnLink: true, isAutonomous: true,
                preferredSeconds: preferredSeconds, validSeconds: validSeconds))
    }

    /// 2001:db8:1::/64 for Session-lasting.
    private static let option = RouterNotice.option(
        [
            3, 4, 64, 0xc2,  // Prefix Information, 4 × 8 octets, /64, on-link, autonomous, SrvTp 2
            0, 0, 0x0e, 0x10, 0, 0, 0x02, 0x58, 0, 0, 0, 0,  // 3,600 s, 600 s, reserved
            0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ], interfaceIndex: 2)

    private static func advertisement(_ prefix: IPv6Prefix, _ type: ContinuityType? = nil) -> Advertisement {
        Advertisement(
            interfaceIndex: 2, prefix: prefix, type: type, isAutonomous: true,
            preferredLifetime: .seconds(600),
            validLifetime: .seconds(3_600))
    }

    /// Longer than a prefix is held back.
    private func waitForWhatIsHeldBack() throws {
        let end = loop.now + 5 * PrefixNotices.heldBackMicroseconds
        while loop.now < end { try loop.runOnce(waiting: 5_000) }
    }

    @Test func anOptionIsToldAtOnce() {
        notices?.hear(Self.option)
        #expect(told == [Self.advertisement("2001:db8:1::/64", .sessionLasting)])
    }

    /// As older kernels do.
    @Test func aPrefixAloneIsToldAfterAWhile() throws {
        let begin = loop.now
        notices?.hear(prefix("2001:db8:1::/64"))
        notices?.hear(prefix("2001:db8:2::/64"))
        #expect(told == [])
        while told.isEmpty { try loop.runOnce(waiting: 1_000_000) }
        #expect(loop.now >= begin + PrefixNotices.heldBackMicroseconds)
        try waitForWhatIsHeldBack()
        #expect(told == [Self.advertisement("2001:db8:1::/64"), Self.advertisement("2001:db8:2::/64")])
    }

    /// As newer kernels do: the same without the type comes first, and would be given to sockets of any.
    @Test func thePrefixBeforeItsOptionIsNotTold() throws {
        notices?.hear(prefix("2001:db8:1::/64"))
        notices?.hear(Self.option)
        try waitForWhatIsHeldBack()
        #expect(told == [Self.advertisement("2001:db8:1::/64", .sessionLasting)])
    }

    @Test func aKernelThatHasToldAnOptionTellsAllOfThem() throws {
        notices?.hear(Self.option)
        notices?.hear(prefix("2001:db8:1::/64"))
        notices?.hear(prefix("2001:db8:2::/64"))
        try waitForWhatIsHeldBack()
        #expect(told.count == 1)
    }

    /// DNS servers, and a prefix that is not usable.
    @Test(
        arguments: [[25, 1, 0, 0, 0, 0, 0, 0], [3, 4] + [UInt8](repeating: 0, count: 30), []] as [[UInt8]])
    func anotherOptionIsNoSignOfThat(octets: [UInt8]) throws {
        notices?.hear(prefix("2001:db8:1::/64"))
        notices?.hear(.option(octets, interfaceIndex: 2))
        try waitForWhatIsHeldBack()
        #expect(told == [Self.advertisement("2001:db8:1::/64")])
    }

    @Test func whatAHostMustIgnoreIsNotTold() throws {
        for reserved in ["fe80::/64", "fe80::/9", "ff02::/64", "::/64", "::/0"] as [IPv6Prefix] {
            notices?.hear(prefix(reserved))
        }
        notices?.hear(prefix("2001:db8:1::/64", preferredSeconds: 3_601))
        try waitForWhatIsHeldBack()
        #expect(told == [])
    }

    @Test func thereIsABoundToWhatIsHeldBack() throws {
        for number in 0..<100 as Range<UInt64> {
            notices?.hear(
                prefix(IPv6Prefix(IPv6Address(high: 0x2001_0db8 << 32 | number, low: 0), length: 64)))
        }
        try waitForWhatIsHeldBack()
        #expect(told.count == PrefixNotices.mostHeldBack)
        notices?.hear(prefix("2001:db8:1::/64"))
        try waitForWhatIsHeldBack()
        #expect(told.count == PrefixNotices.mostHeldBack + 1, "there is room again")
    }

    /// A neighbour who goes on and on does not put off what was heard before.
    @Test func whatFollowsHoldsNothingBack() throws {
        let begin = loop.now
        var number: UInt64 = 0
        while told.isEmpty, loop.now < begin + 2_000_000 {
            notices?.hear(
                prefix(IPv6Prefix(IPv6Address(high: 0x2001_0db8 << 32 | number, low: 0), length: 64)))
            number += 1
            try loop.runOnce(waiting: PrefixNotices.heldBackMicroseconds / 8)
        }
        #expect(told.first?.prefix == "2001:db8::/64")
    }
}
