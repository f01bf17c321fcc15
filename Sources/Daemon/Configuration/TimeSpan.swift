/// A time span as systemd.time(7) writes it: 30, 30s, 500ms, 5min, 1h 30min, infinity.
enum TimeSpan: Equatable, Sendable {
    case finite(Duration)
    case infinity

    /// Longer spans are refused: nobody means them, and sums of times cannot overflow.
    static let longest = Duration.seconds(100 * secondsPerYear)

    private static let secondsPerYear: Int64 = 31_557_600

    /// Microseconds of each unit. A month is a twelfth of a year of 365.25 days, as in systemd.time(7) rounded
    /// to 30.44 days. A number without a unit means seconds.
    private static let units: [String: Int64] = {
        let table: [(names: [String], microseconds: Int64)] = [
            (["usec", "us", "µs", "μs"], 1),
            (["msec", "ms"], 1_000),
            (["seconds", "second", "sec", "s", ""], 1_000_000),
            (["minutes", "minute", "min", "m"], 60_000_000),
            (["hours", "hour", "hr", "h"], 3_600_000_000),
            (["days", "day", "d"], 86_400_000_000),
            (["weeks", "week", "w"], 604_800_000_000),
            (["months", "month", "M"], 2_630_016_000_000),
            (["years", "year", "y"], secondsPerYear * 1_000_000),
        ]
        return Dictionary(
            uniqueKeysWithValues: table.flatMap { row in row.names.map { ($0, row.microseconds) } })
    }()

    /// The span that a text names, or nil; also nil if it is longer than `longest`.
    init?(_ text: some StringProtocol) {
        if text == "infinity" {
            self = .infinity
            return
        }
        var rest = Substring(text).drop(while: \.isWhitespace)
        guard !rest.isEmpty else { return nil }
        var total = Duration.zero
        while !rest.isEmpty {
            guard let term = Self.takeTerm(from: &rest) else { return nil }
            total += term
            guard total <= Self.longest else { return nil }
        }
        self = .finite(total)
    }

    /// Takes one number with its unit, and the white space after it.
    private static func takeTerm(from rest: inout Substring) -> Duration? {
        let whole = take(from: &rest, while: isDigit)
        var fraction: Substring = ""
        if rest.first == "." {
            rest.removeFirst()
            fraction = take(from: &rest, while: isDigit)
            guard !fraction.isEmpty else { return nil }
        }
        rest = rest.drop(while: \.isWhitespace)
        let unit = String(take(from: &rest) { !isDigit($0) && !$0.isWhitespace && $0 != "." })
        rest = rest.drop(while: \.isWhitespace)
        guard let microseconds = units[unit],
            let count = Int64(whole.isEmpty && !fraction.isEmpty ? "0" : whole)
        else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: microseconds)
        guard !overflow else { return nil }
        return .microseconds(product) + .microseconds(part(fraction, of: microseconds))
    }

    /// The decimal fraction of a unit, rounded down to a microsecond.
    private static func part(_ fraction: Substring, of microseconds: Int64) -> Int64 {
        var part: Int64 = 0
        // From the last digit to the first, so that no digit is lost to an early rounding; 18 are plenty.
        for digit in fraction.prefix(18).reversed() {
            part = (part + Int64(digit.wholeNumberValue ?? 0) * microseconds) / 10
        }
        return part
    }

    private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }

    private static func take(from rest: inout Substring, while matches: (Character) -> Bool) -> Substring {
        let taken = rest.prefix(while: matches)
        rest = rest[taken.endIndex...]
        return taken
    }
}
