import Mobility

// How values are read that more than one key has.
extension ConfigurationAssignment {
    /// One of a few words.
    func choice<Value>(_ choices: KeyValuePairs<String, Value>) throws(SettingProblem) -> Value {
        try choice(choices.map { ($0.key, $0.value) })
    }

    func choice<Value>(_ choices: [(name: String, value: Value)]) throws(SettingProblem) -> Value {
        if let match = choices.first(where: { $0.name == value }) { return match.value }
        let remedy = Suggestion.remedy(for: value, among: choices.map(\.name))
        throw SettingProblem("not a value of \(key)=; \(remedy)")
    }

    /// A whole number within bounds.
    func number(in bounds: ClosedRange<Int>) throws(SettingProblem) -> Int {
        let isNumber = value.allSatisfy { $0.isASCII && $0.isNumber }
        guard isNumber, let number = Int(value), bounds.contains(number) else {
            let what = isNumber ? "out of bounds" : "not a whole number"
            throw SettingProblem("\(what); write a number from \(bounds.lowerBound) to \(bounds.upperBound)")
        }
        return number
    }

    /// A time span, or nil for infinity.
    func timeSpan() throws(SettingProblem) -> Duration? {
        switch TimeSpan(value) {
        case .finite(let span): return span
        case .infinity: return nil
        case .tooLong: throw SettingProblem("longer than 100 years; write infinity if that is meant")
        case nil: throw SettingProblem("not a time span; write seconds or a span such as 30, 5min, infinity")
        }
    }

    /// Names of continuity types, separated by white space.
    func continuityTypes() throws(SettingProblem) -> Set<ContinuityType> {
        if value.contains(",") {
            throw SettingProblem("types are separated by spaces; write, say, Types=fixed session-lasting")
        }
        var types: Set<ContinuityType> = []
        for word in words {
            guard let type = ContinuityType(name: word) else {
                let remedy = Suggestion.remedy(for: word, among: ContinuityType.names)
                throw SettingProblem("\(word) is not a continuity type; \(remedy)")
            }
            types.insert(type)
        }
        return types
    }

    /// Refuses a value with a comment behind it, which would otherwise be an odd value. What stands between double
    /// quotes is none.
    func checkForComment() throws(SettingProblem) {
        var isQuoted = false
        for word in words {
            if !isQuoted, word.hasPrefix("#") || word.hasPrefix(";") {
                throw SettingProblem("a comment needs a line of its own; move it above the assignment")
            }
            if !word.count(where: { $0 == "\"" }).isMultiple(of: 2) { isQuoted.toggle() }
        }
    }
}

extension ContinuityType {
    static var names: [String] { allCases.map(\.description) }
}
