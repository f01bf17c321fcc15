import Posix

/// Names the time from one start of the machine to the next (random(4), boot_id).
struct BootIdentifier: Equatable {
    var high: UInt64
    var low: UInt64

    /// The current one; zero where the kernel does not say.
    static func current() -> BootIdentifier {
        let text = (try? File.read("/proc/sys/kernel/random/boot_id", limit: 64)) ?? []
        let digits = text.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }.map(UInt64.init)
        guard digits.count == 32 else { return BootIdentifier(high: 0, low: 0) }
        return BootIdentifier(
            high: digits.prefix(16).reduce(0) { $0 << 4 | $1 },
            low: digits.suffix(16).reduce(0) { $0 << 4 | $1 })
    }
}
