/// How long things took, sorted into buckets. Counting is a few comparisons and two additions.
struct LatencyHistogram {
    /// The longest time in each bucket but the last, microseconds, in steps of 1, 2.5 and 5. The last has no end.
    static let bounds: [UInt64] = [
        10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
        1_000_000, 2_500_000, 5_000_000, 10_000_000,
    ]

    private var counts = InlineArray<20, UInt64>(repeating: 0)
    private(set) var sumMicroseconds: UInt64 = 0

    mutating func count(microseconds: UInt64) {
        counts[Self.bucket(of: microseconds)] &+= 1
        sumMicroseconds &+= microseconds
    }

    /// How many took no longer than each bound; the last of all is how many there were.
    var cumulativeCounts: [UInt64] {
        var sum: UInt64 = 0
        return counts.indices.map { index in
            sum += counts[index]
            return sum
        }
    }

    /// Comparisons with constants, the likeliest first: nothing to look up, and nothing that is made on first use.
    static func bucket(of microseconds: UInt64) -> Int {
        switch microseconds {
        case ...10: 0
        case ...25: 1
        case ...50: 2
        case ...100: 3
        case ...250: 4
        case ...500: 5
        case ...1_000: 6
        case ...2_500: 7
        case ...5_000: 8
        case ...10_000: 9
        case ...25_000: 10
        case ...50_000: 11
        case ...100_000: 12
        case ...250_000: 13
        case ...500_000: 14
        case ...1_000_000: 15
        case ...2_500_000: 16
        case ...5_000_000: 17
        case ...10_000_000: 18
        default: 19
        }
    }
}
