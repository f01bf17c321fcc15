import EventLoop
import Mobility
import Posix

/// Notices that the machine has slept: it may wake up on another network, with its links as they were.
final class SleepWatch {
    /// Two clocks that are read one after the other differ a little.
    private static let leastMicroseconds: Int64 = 100_000

    private let loop: EventLoop
    private let log: Log
    private let slept: () -> Int64
    private let change: ClockChange
    private var source: IOSource?
    private var last: Int64

    /// - Parameter slept: for how many microseconds, since the machine was started.
    init(loop: EventLoop, log: Log, slept: @escaping () -> Int64 = { Sleep.microseconds }) throws {
        self.loop = loop
        self.log = log
        self.slept = slept
        change = try ClockChange()
        last = slept()
    }

    func start(_ resumed: @escaping () -> Void) throws {
        source = try loop.watch(change.number, for: .input) { [unowned self] _ in
            _ = try? change.acknowledge()
            look(resumed)
        }
    }

    /// The time of day is set for other reasons as well.
    func look(_ resumed: () -> Void) {
        let now = slept()
        guard now - last >= Self.leastMicroseconds else { return }
        log.info("the machine has slept for \((now - last) / 1_000_000) s; looking for its networks")
        last = now
        resumed()
    }
}
