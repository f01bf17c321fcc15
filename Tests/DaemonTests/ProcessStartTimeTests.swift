import CLibc
import Testing

@testable import Posix

@Suite("Start time of a process")
struct ProcessStartTimeTests {
    private let rest = " S 1 1 1 0 -1 4194560 10 0 0 0 1 2 0 0 20 0 1 0 4321 100 5 18446744073709551615 0\n"

    @Test(arguments: ["(sleep)", "(a b)", "(a) S 1 (b", "())", "(\u{1})) R 9 9"])
    func theNameMayHoldAnything(name: String) {
        #expect(
            Process.startTime(in: Array("77 \(name.hasSuffix(")") ? name : name + ")")\(rest)".utf8))
                == 43_210_000)
    }

    @Test(arguments: [
        "", "77", "77 (sleep)", "77 (sleep) S 1 2 3", "77 (a) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 x",
    ])
    func whatIsNoSuchLineSaysNothing(line: String) {
        #expect(Process.startTime(in: Array(line.utf8)) == nil)
    }

    @Test func itLiesBetweenTheMachinesStartAndNow() throws {
        var now = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &now)
        let start = try #require(Process.startTime(of: getpid()))
        #expect(start > 0)
        #expect(start <= UInt64(now.tv_sec + 1) * 1_000_000)
        #expect(try #require(Process.startTime(of: 1)) <= start)
    }

    @Test(arguments: [Int32.max, 0, -1, -2]) func aProcessThatIsNotThereHasNone(process: Int32) {
        #expect(Process.startTime(of: process) == nil)
    }
}
