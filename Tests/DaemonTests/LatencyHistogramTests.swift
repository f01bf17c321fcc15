import Testing

@testable import Daemon

@Suite struct LatencyHistogramTests {
    @Test func eachBoundIsTheLastOfItsBucket() {
        for (index, bound) in LatencyHistogram.bounds.enumerated() {
            #expect(LatencyHistogram.bucket(of: bound) == index)
            #expect(LatencyHistogram.bucket(of: bound + 1) == index + 1)
        }
        #expect(LatencyHistogram.bucket(of: 0) == 0)
        #expect(LatencyHistogram.bucket(of: .max) == LatencyHistogram.bounds.count)
    }

    @Test func countsAreCumulative() {
        var histogram = LatencyHistogram()
        for microseconds: UInt64 in [0, 10, 11, 40, 20_000_000] {
            histogram.count(microseconds: microseconds)
        }
        #expect(histogram.cumulativeCounts == [2, 3] + Array(repeating: 4, count: 17) + [5])
        #expect(histogram.sumMicroseconds == 20_000_061)
    }

    @Test func aCountThatIsFullBeginsAnew() {
        var histogram = LatencyHistogram()
        histogram.count(microseconds: .max)
        histogram.count(microseconds: 3)
        #expect(histogram.sumMicroseconds == 2)
    }
}
