import EventLoop
import Posix
import Testing

@testable import Daemon

@Suite("Sleep") struct SleepWatchTests {
    @Test func onlyASleepIsTold() throws {
        let logged = try LoggedLines()
        var slept: Int64 = 5_000_000
        var told = 0
        let watch = try SleepWatch(loop: EventLoop(), log: logged.log) { slept }
        // The time of day was set.
        watch.look { told += 1 }
        #expect(told == 0)
        slept += 60_000_000
        for _ in 1...2 { watch.look { told += 1 } }
        #expect(told == 1)
        #expect(logged.lines == ["odmd: the machine has slept for 60 s; looking for its networks"])
    }

    @Test func theTimeOfDayIsNotSetAllTheTime() throws {
        let change = try ClockChange()
        #expect(try !change.acknowledge())
    }

    @Test func aMachineDoesNotSleepWhileItIsLookedAt() {
        let slept = Sleep.microseconds
        #expect(slept >= 0 && abs(Sleep.microseconds - slept) < 50_000)
    }
}
