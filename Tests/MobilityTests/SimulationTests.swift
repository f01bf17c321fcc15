import Simulation
import Testing

/// A few of the histories that `make simulation` plays by the million; here with the checks of a debug build.
@Suite struct SimulationTests {
    @Test(arguments: 0..<20) func promises1and2and3and5HoldInRandomHistories(block: UInt64) {
        for seed in block * 25..<(block + 1) * 25 {
            var history = History(seed: seed, steps: 100)
            history.play()
            guard let breach = history.breach else { continue }
            Issue.record("\(breach)\nagain: simulate --seed \(seed) --histories 1")
            return
        }
    }
}
