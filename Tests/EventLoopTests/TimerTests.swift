import CLibc
import Testing

@testable import EventLoop

@Suite struct TimerTests {
    @Test func timersFireInOrderAndOnce() throws {
        let loop = try EventLoop()
        var order: [Int] = []
        let start = loop.now
        let delays: [UInt64] = [30_000, 10_000, 20_000]
        var timers: [Timer] = []
        for delay in delays {
            let timer = try loop.timer {
                order.append(Int(delay))
                #expect(loop.now >= start + delay)
                if delay == 30_000 { loop.exit(0) }
            }
            timer.arm(at: start + delay)
            timers.append(timer)
        }
        _ = try loop.run()
        #expect(order == [10_000, 20_000, 30_000])
    }

    @Test func aTimeThatIsPastFiresAtOnceAndDisarmedOrDroppedNever() throws {
        let loop = try EventLoop()
        let disarmed = try loop.timer { Issue.record("a disarmed timer fired") }
        disarmed.arm(at: 1)
        disarmed.disarm()
        var dropped: Timer? = try loop.timer { Issue.record("a dropped timer fired") }
        dropped?.arm(at: 1)
        dropped = nil
        let timer = try loop.timer { loop.exit(3) }
        timer.arm(at: 1)
        #expect(try loop.run() == 3)
    }

    @Test func aHandlerMayArmItsOwnTimerAgain() throws {
        let loop = try EventLoop()
        var calls = 0
        var timer: Timer?
        timer = try loop.timer {
            calls += 1
            if calls == 3 { loop.exit(0) } else { timer?.arm(at: loop.now + 1_000) }
        }
        timer?.arm(at: loop.now)
        _ = try loop.run()
        #expect(calls == 3)
        timer = nil
    }

    @Test func nowIsTheTimeOfTheWakeUp() throws {
        let loop = try EventLoop()
        let timer = try loop.timer {
            let before = loop.now
            usleep(3_000)
            #expect(loop.now == before)
            loop.exit(0)
        }
        timer.arm(at: loop.now)
        _ = try loop.run()
    }

    @Test func aSignalIsAnEvent() throws {
        let loop = try EventLoop()
        var calls = 0
        let source = try loop.onSignal(SIGUSR1) {
            calls += 1
            loop.exit(0)
        }
        // To this thread: the test runner has others, which do not block the signal.
        let result = pthread_kill(pthread_self(), SIGUSR1)
        #expect(result == 0)
        _ = try loop.run()
        #expect(calls == 1)
        withExtendedLifetime(source) {}
    }
}
