import Mobility
import Testing

@testable import Daemon

@Suite struct LineLimitTests {
    @Test func whatIsTooMuchIsCounted() {
        var limit = LineLimit(most: 2, in: .seconds(10))
        #expect(limit.admit(at: Instant(microseconds: 0)) == .write(left: 0))
        #expect(limit.admit(at: Instant(microseconds: 1)) == .write(left: 0))
        #expect(limit.admit(at: Instant(microseconds: 2)) == .leave)
        #expect(limit.admit(at: Instant(microseconds: 9_999_999)) == .leave)
        #expect(limit.admit(at: Instant(microseconds: 10_000_000)) == .write(left: 2))
        #expect(limit.admit(at: Instant(microseconds: 10_000_001)) == .write(left: 0))
        #expect(limit.admit(at: Instant(microseconds: 10_000_002)) == .leave)
    }

    @Test func aLoopWritesNoMoreThanTheLimitInEachWindow() {
        var limit = LineLimit(most: 10, in: .seconds(10))
        var written = 0
        var left = 0
        for step in 0..<100_000 {
            // A hundred seconds in steps of a millisecond.
            guard case .write(let before) = limit.admit(at: Instant(microseconds: UInt64(step) * 1000)) else {
                continue
            }
            written += 1
            left += before
        }
        #expect(written == 100)
        #expect(left == 9 * 9_990)
    }
}
