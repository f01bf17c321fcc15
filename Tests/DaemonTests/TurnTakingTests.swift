import Mobility
import Testing

@testable import Daemon

@Suite("Whether users are served in turn") struct TurnTakingTests {
    private let start = Instant(microseconds: 1_000_000)

    @Test func oneUserHasNoTurns() {
        var turns = TurnTaking()
        for second in 0..<100 { turns.note(7, at: start + .seconds(second)) }
        #expect(!turns.isNeeded(at: start + .seconds(100)))
    }

    @Test func twoUsersHaveTurnsForAWhile() {
        var turns = TurnTaking()
        turns.note(7, at: start)
        turns.note(8, at: start)
        turns.note(8, at: start + .seconds(5))
        #expect(turns.isNeeded(at: start + .milliseconds(9_999)))
        #expect(!turns.isNeeded(at: start + .seconds(10)))
        turns.note(7, at: start + .seconds(20))
        #expect(turns.isNeeded(at: start + .seconds(29)))
    }
}
