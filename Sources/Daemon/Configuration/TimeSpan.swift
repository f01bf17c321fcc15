/// A time span as systemd.time(7) writes it: 30, 30s, 500ms, 5min, 1h 30min, infinity.
enum TimeSpan: Equatable, Sendable {
    case finite(Duration)
    case infinity
    /// More than `longest`.
    case tooLong

    /// Nobody means a longer one, and sums of times cannot overflow.
    static let longest = Duration.seconds(100 * secondsPerYear)

    private static let secondsPerYear: Int64 = 31_557_600

    /// Microseconds of each unit: a month has 30.44 days and a year 365.25. A number without a unit is seconds.
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

    /// The span that a text names, or nil.
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
        }
        self = total <= Self.longest ? .finite(total) : .tooLong
    }

    /// Takes one number with its unit, and the white space after it; more than `longest` for any that is.
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
        guard !whole.isEmpty, let microseconds = units[unit] else { return nil }
        let (product, overflow) = (Int64(whole) ?? .max).multipliedReportingOverflow(by: microseconds)
        guard !overflow else { return longest + .seconds(1) }
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
