import EventLoop
import Posix
import Testing

@Suite struct BootClockTests {
    /// The time of a request is the difference of two readings, of which the loop makes the first.
    @Test func itIsTheClockOfTheLoop() throws {
        let loop = try EventLoop()
        let before = loop.now
        let between = BootClock.microseconds
        #expect(before <= between)
        #expect(between <= loop.now)
    }
}
