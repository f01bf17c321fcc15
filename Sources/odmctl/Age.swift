/// A length of time as people say it: its two largest units, "3d 4h", "2min 5s", "29s".
struct Age: CustomStringConvertible {
    let seconds: Int64

    init(seconds: Int64) {
        self.seconds = max(0, seconds)
    }

    /// Rounds up: what is left for a moment is not over yet.
    init(milliseconds: Int64) {
        let whole = milliseconds / 1000
        self.init(seconds: milliseconds % 1000 > 0 ? whole + 1 : whole)
    }

    var description: String {
        let units = [
            ("d", seconds / 86400), ("h", seconds / 3600 % 24), ("min", seconds / 60 % 60),
            ("s", seconds % 60),
        ]
        guard let first = units.firstIndex(where: { $0.1 > 0 }) else { return "0s" }
        return units[first...].prefix(2).filter { $0.1 > 0 }.map { "\($0.1)\($0.0)" }.joined(separator: " ")
    }
}
