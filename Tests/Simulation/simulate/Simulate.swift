import CLibc
import Simulation

/// Plays random histories, and shows the first that breaks a promise.
@main
struct Simulate {
    /// Histories that one worker plays before it asks for more.
    private static let blockSize = 2_000

    static func main() async {
        let options: Options
        do {
            options = try Options(Array(CommandLine.arguments.dropFirst()))
        } catch {
            print("simulate: \(error.text)\n\(Options.usage)")
            exit(2)
        }
        SeedAtTrap.install()
        let clock = ContinuousClock()
        let start = clock.now
        let outcome = await play(options)
        show(outcome, options, clock.now - start)
        exit(outcome.failure == nil ? 0 : 1)
    }

    struct Failure {
        var seed: UInt64
        var breach: String
    }

    struct Outcome {
        var histories = 0
        var tally = Tally()
        var failure: Failure?

        mutating func add(_ other: Outcome) {
            histories += other.histories
            tally.add(other.tally)
            guard let new = other.failure else { return }
            if failure.map({ new.seed < $0.seed }) ?? true { failure = new }
        }
    }

    // MARK: Playing

    /// Blocks of seeds are given to whichever worker is free, until all are played or one fails.
    private static func play(_ options: Options) async -> Outcome {
        await withTaskGroup(of: Outcome.self) { group in
            var next = 0
            func begin() {
                let count = min(blockSize, options.histories - next)
                guard count > 0 else { return }
                let (first, steps) = (options.seed &+ UInt64(next), options.steps)
                let isShown = options.histories == 1
                group.addTask { @concurrent in playBlock(from: first, count, steps: steps, isShown: isShown) }
                next += count
            }
            for _ in 0..<options.workers { begin() }
            var sum = Outcome()
            for await outcome in group {
                sum.add(outcome)
                if sum.failure == nil { begin() }
            }
            return sum
        }
    }

    private static func playBlock(
        from first: UInt64, _ count: Int, steps: Int, isShown: Bool
    ) -> Outcome {
        var outcome = Outcome()
        for seed in (0..<UInt64(count)).map({ first &+ $0 }) {
            SeedAtTrap.playing(seed)
            var history = History(seed: seed, steps: steps, trace: isShown ? { show($0) } : nil)
            history.play()
            outcome.histories += 1
            outcome.tally.add(history.tally)
            if let breach = history.breach {
                outcome.failure = Failure(seed: seed, breach: breach)
                break
            }
        }
        return outcome
    }

    // MARK: Showing

    /// Shown at once: a trap would take along what is still in the buffer.
    private static func show(_ line: String) {
        print(line.replacing("Mobility.", with: ""))
        fflush(nil)
    }

    private static func show(_ outcome: Outcome, _ options: Options, _ time: Duration) {
        let seconds = Double(time / .milliseconds(1)) / 1000
        print("\(outcome.histories) histories from seed \(options.seed) in \(seconds) s")
        for occurrence in Occurrence.allCases { print("  \(occurrence.words): \(outcome.tally[occurrence])") }
        guard let failure = outcome.failure else {
            print("Every promise was kept.")
            return
        }
        print("seed \(failure.seed): \(failure.breach)")
        let steps = options.steps == Options().steps ? "" : " --steps \(options.steps)"
        print("again: simulate --seed \(failure.seed) --histories 1\(steps)")
    }
}
