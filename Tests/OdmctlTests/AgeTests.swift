import Testing

@testable import odmctl

@Suite struct AgeTests {
    @Test(arguments: [
        (0, "0s"), (29, "29s"), (60, "1min"), (125, "2min 5s"), (3600, "1h"), (3605, "1h"),
        (15_000, "4h 10min"),
        (86_400, "1d"), (273_600, "3d 4h"), (-5, "0s"),
    ])
    func twoLargestUnits(seconds: Int64, text: String) {
        #expect(Age(seconds: seconds).description == text)
    }

    @Test(arguments: [(0, "0s"), (1, "1s"), (1000, "1s"), (1001, "2s"), (59_999, "1min")])
    func momentsRoundUp(milliseconds: Int64, text: String) {
        #expect(Age(milliseconds: milliseconds).description == text)
    }
}
