import CLibc

/// A precondition of the rules that does not hold ends the process. Then the seed that was played is shown.
enum SeedAtTrap {
    /// Of each thread that plays: written by that thread only, read when the process ends.
    private nonisolated(unsafe) static var seeds: [(thread: pthread_t, seed: UInt64)] = []
    private nonisolated(unsafe) static var lock = unsafe pthread_mutex_t()

    static func install() {
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGABRT] {
            signal(number) { number in
                let own = pthread_self()
                for entry in unsafe SeedAtTrap.seeds where entry.thread == own {
                    print("seed \(entry.seed): trap: a precondition does not hold (signal \(number))")
                    print("again: simulate --seed \(entry.seed) --histories 1")
                }
                fflush(nil)
                _exit(1)
            }
        }
    }

    static func playing(_ seed: UInt64) {
        unsafe pthread_mutex_lock(&lock)
        defer { unsafe pthread_mutex_unlock(&lock) }
        let own = pthread_self()
        if let place = unsafe seeds.firstIndex(where: { $0.thread == own }) {
            unsafe seeds[place].seed = seed
        } else {
            unsafe seeds.append((own, seed))
        }
    }
}
