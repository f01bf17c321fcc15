/// Text in the format of OpenMetrics 1.0.
struct OpenMetricsText {
    enum Kind: String {
        case counter, gauge, histogram, info
    }

    typealias Label = (name: String, value: String)

    private(set) var text = ""

    /// Begins a family of metrics; its samples follow.
    ///
    /// - Parameter unit: the last word of the name, if it has one.
    mutating func begin(_ name: String, _ kind: Kind, unit: String? = nil, _ help: String) {
        text += "# TYPE \(name) \(kind.rawValue)\n"
        if let unit { text += "# UNIT \(name) \(unit)\n" }
        text += "# HELP \(name) \(Self.escaped(help))\n"
    }

    mutating func sample(_ name: String, _ labels: [Label] = [], is value: some CustomStringConvertible) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(value)\n"
    }

    mutating func end() { text += "# EOF\n" }

    /// What may stand between quotation marks.
    static func escaped(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// Seconds as the format has its numbers.
    static func seconds(microseconds: UInt64) -> Double { Double(microseconds) / 1_000_000 }
}
