import Testing

@testable import Daemon

@Suite("Time spans")
struct ConfigurationTimeSpanTests {
    @Test(
        arguments: [
            ("0", .zero),
            ("30", .seconds(30)),
            ("30s", .seconds(30)),
            ("30 sec", .seconds(30)),
            ("1second 2seconds", .seconds(3)),
            ("500ms", .milliseconds(500)),
            ("500 msec", .milliseconds(500)),
            ("7us 7usec 7µs 7μs", .microseconds(28)),
            ("5min", .seconds(300)),
            ("5m", .seconds(300)),
            ("1minute 2 minutes", .seconds(180)),
            ("1h 30min", .seconds(5400)),
            ("1h30min", .seconds(5400)),
            ("1hr 1hour 2hours", .seconds(14_400)),
            ("1d", .seconds(86_400)),
            ("1day 2days", .seconds(3 * 86_400)),
            ("1w 1week 1weeks", .seconds(21 * 86_400)),
            ("1M", .seconds(2_630_016)),
            ("1month 2months", .seconds(3 * 2_630_016)),
            ("1y", .seconds(31_557_600)),
            ("1year 1years", .seconds(2 * 31_557_600)),
            ("30 5min", .seconds(330)),
            ("1.5", .milliseconds(1500)),
            ("0.25h", .seconds(900)),
            ("0.0000019", .microseconds(1)),
            ("0.1us", .zero),
            ("00010", .seconds(10)),
            ("100y", .seconds(3_155_760_000)),
        ] as [(String, Duration)])
    func areRead(text: String, span: Duration) {
        #expect(TimeSpan(text) == .finite(span))
    }

    @Test func infinityIsASpan() {
        #expect(TimeSpan("infinity") == .infinity)
    }

    @Test(arguments: [
        "", " ", "s", "-1", "+1", "1,5", "1.", "1.s", ".5", ".", "1..5", "1.5.5", "fast", "10 parsecs",
        "5Min",
        "1H", "Infinity",
        "infinity 1s", "1s infinity", "0x10", "1e3", "١", "99999999999999999999 parsecs",
    ])
    func areRefused(text: String) {
        #expect(TimeSpan(text) == nil)
    }

    @Test(arguments: [
        "100y 1us", "101y", "50y 51y", "9223372036854775807", "9223372036854775807us", "99999999999999999999",
        "99999999999999999999us 1s",
    ])
    func areTooLong(text: String) {
        #expect(TimeSpan(text) == .tooLong)
    }
}
