import Testing

@testable import Mobility
@testable import NetworkSide

/// The parameters of RFC 8415, section 7.6, and the formula of section 15.
@Suite struct RetransmissionTests {
    private let start = Instant(microseconds: 5_000_000)

    /// The time-outs of a message that nobody answers, in seconds; and when it was given up.
    private func timeouts(
        _ limits: Retransmission.Limits, seed: UInt64, end: Instant? = nil, most: Int = 20
    ) -> (seconds: [Double], end: Double?) {
        var random = RandomNumbers(seed: seed)
        var timer = Retransmission(limits, from: start, until: end)
        var seconds: [Double] = []
        var now = timer.due
        while !timer.hasFailed(at: now) {
            guard seconds.count < most else { return (seconds, nil) }
            timer.sent(at: now, &random)
            seconds.append(timer.due.since(now) / .seconds(1))
            now = timer.due
        }
        return (seconds, now.since(start) / .seconds(1))
    }

    @Test(
        arguments: [
            (.solicit, 1, 3600, nil), (.request, 1, 30, 10), (.renew, 10, 600, nil), (.rebind, 10, 600, nil),
            (.release, 1, nil, 4), (.decline, 1, nil, 4),
        ] as [(Retransmission.Limits, Double, Double?, Int?)])
    func eachTimeoutIsAboutTwiceTheLast(
        limits: Retransmission.Limits, first: Double, longest: Double?, count: Int?
    ) {
        for seed in 1...50 as ClosedRange<UInt64> {
            let (seconds, end) = timeouts(limits, seed: seed)
            #expect(seconds.count == count ?? 20)
            #expect((end != nil) == (count != nil))
            #expect(first * 0.9...first * 1.1 ~= seconds[0])
            for (last, next) in zip(seconds, seconds.dropFirst()) {
                let doubled = last * 1.9...last * 2.1 ~= next + 1e-6 || last * 1.9...last * 2.1 ~= next
                let isLongest = longest.map { $0 * 0.9...$0 * 1.1 ~= next } ?? false
                #expect(doubled || isLongest, "\(last) s, then \(next) s")
            }
            if let longest { #expect(seconds.max()! <= longest * 1.1) }
        }
    }

    @Test func theTimeoutsSpread() {
        let firsts = (1...50 as ClosedRange<UInt64>).map { timeouts(.renew, seed: $0).seconds[0] }
        #expect(firsts.min()! < 9.3)
        #expect(firsts.max()! > 10.7)
    }

    @Test func theFirstSolicitWaitsLongerThanASecond() {
        for seed in 1...1000 as ClosedRange<UInt64> {
            #expect(timeouts(.solicit, seed: seed, most: 1).seconds[0] > 1)
        }
    }

    @Test func afterAMoveItIsGivenUpAfterTenSeconds() {
        let (seconds, end) = timeouts(.rebindAfterMove, seed: 1)
        #expect(end == 10)
        #expect(seconds.allSatisfy { $0 <= 4.4 })
        #expect(3...6 ~= seconds.count)
    }

    @Test func renewIsGivenUpAtT2() {
        let (_, end) = timeouts(.renew, seed: 1, end: start + .seconds(123))
        #expect(end == 123)
    }

    @Test func equalSeedsGiveEqualNumbers() {
        var (one, other, third) = (RandomNumbers(seed: 7), RandomNumbers(seed: 7), RandomNumbers(seed: 8))
        #expect(one.next() == other.next())
        #expect(one.next() != third.next())
    }

    /// The first numbers from seed 1234567 of the reference implementation (prng.di.unimi.it/splitmix64.c).
    @Test func theNumbersAreThoseOfSplitMix64() {
        var random = RandomNumbers(seed: 1_234_567)
        #expect(random.next() == 6_457_827_717_110_365_317)
        #expect(random.next() == 3_203_168_211_198_807_973)
    }
}
