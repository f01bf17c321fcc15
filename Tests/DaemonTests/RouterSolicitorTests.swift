import CLibc
import Posix
import Testing

@testable import Daemon
@testable import EventLoop

@Suite("Soliciting routers") final class RouterSolicitorTests {
    private let loop: EventLoop
    /// When, in microseconds since the first, and on which interface.
    private var sent: [(time: UInt64, interface: UInt32)] = []
    private var tries = 0
    /// What the next tries end with; success when there is none left.
    private var failures: [Int32] = []
    private var solicitor: RouterSolicitor?
    private var begin: UInt64 = 0

    init() throws {
        loop = try EventLoop()
        solicitor = try RouterSolicitor(loop: loop, log: Log(program: "odmd", level: .error)) {
            [unowned self] index throws(SystemError) in
            tries += 1
            if !failures.isEmpty { throw SystemError("solicit", errno: failures.removeFirst()) }
            if sent.isEmpty { begin = loop.now }
            sent.append((loop.now - begin, index))
        }
    }

    /// Lets the loop run.
    private func run(milliseconds: UInt64) throws {
        let end = loop.now + milliseconds * 1_000
        while loop.now < end { try loop.runOnce(waiting: 10_000) }
    }

    @Test func itAsksAtOnceSoonAgainAndThenEachSecond() throws {
        solicitor?.solicit(2)
        #expect(sent.map(\.interface) == [2], "within the call")
        try run(milliseconds: 3_500)
        #expect(sent.map(\.interface) == [2, 2, 2, 2])
        for (time, moment) in zip(sent.map(\.time), [0, 200_000, 1_000_000, 2_000_000] as [UInt64]) {
            #expect(time >= moment)
        }
    }

    @Test func anAnswerEndsIt() throws {
        solicitor?.solicit(2)
        solicitor?.solicit(3)
        solicitor?.heard(on: 2)
        try run(milliseconds: 1_500)
        #expect(sent.map(\.interface) == [2, 3, 3, 3])
    }

    @Test func whoAsksAgainIsHeardNotSoonerThanIsOfUse() throws {
        solicitor?.solicit(2)
        solicitor?.solicit(2)
        #expect(sent.count == 1)
        try run(milliseconds: RouterSolicitor.repeatMicroseconds / 1_000 + 20)
        solicitor?.solicit(2)
        #expect(sent.count == 2)
    }

    /// The link-local address is tentative for a second or two after the interface has come up.
    @Test(arguments: [EADDRNOTAVAIL, ENETUNREACH]) func whatCannotBeSentYetIsTriedAgain(errno: Int32) throws {
        failures = [errno, errno, errno]
        let start = loop.now
        solicitor?.solicit(2)
        #expect(tries == 1 && sent.isEmpty)
        while sent.isEmpty, loop.now < start + 5_000_000 { try loop.runOnce(waiting: 10_000) }
        #expect(tries == 4)
        #expect(begin >= start + 3 * RouterSolicitor.retryMicroseconds)
        try run(milliseconds: 1_200)
        #expect(sent.count == 3, "what was tried in vain does not count")
    }

    @Test func itIsGivenUpWhereThereIsNoAddressInAllThatTime() throws {
        failures = [Int32](repeating: EADDRNOTAVAIL, count: 1_000)
        solicitor?.solicit(2)
        let start = loop.now
        while tries < RouterSolicitor.mostRetries, loop.now < start + 20_000_000 {
            try loop.runOnce(waiting: 10_000)
        }
        try run(milliseconds: 4 * RouterSolicitor.retryMicroseconds / 1_000)
        #expect(tries == RouterSolicitor.mostRetries)
        failures = []
        solicitor?.solicit(2)
        #expect(sent.count == 1, "a new question is a new beginning")
    }

    @Test(arguments: [ENODEV, ENXIO, EPERM]) func whatWillNotChangeIsNotTriedAgain(errno: Int32) throws {
        failures = [errno]
        solicitor?.solicit(2)
        try run(milliseconds: 200)
        #expect(tries == 1)
    }
}
