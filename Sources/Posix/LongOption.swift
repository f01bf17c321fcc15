/// Options of a command line, `--name value` or `--name=value`.
public enum LongOption {
    /// What is wrong with one, for the person who wrote it.
    public struct Mistake: Error, Equatable {
        public let text: String

        public init(_ text: String) { self.text = text }
    }

    /// Takes an option apart, and its value from the arguments after it if it is there.
    ///
    /// - Parameter valueName: what the value of the option of a name is called; nil if it takes none.
    /// - Returns: the value is empty if it takes none.
    public static func take(
        _ argument: String, from rest: inout ArraySlice<String>,
        valueName: (_ name: String) throws(Mistake) -> String?
    ) throws(Mistake) -> (name: String, value: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard let what = try valueName(name) else {
            guard parts.count == 1 else { throw Mistake("\(name) takes no value; leave out =\(parts[1])") }
            return (name, "")
        }
        if parts.count > 1, !parts[1].isEmpty { return (name, String(parts[1])) }
        if parts.count == 1, let next = rest.first, !next.isEmpty, !next.hasPrefix("--") {
            rest.removeFirst()
            return (name, next)
        }
        throw Mistake("\(name) needs a value; write \(name) \(what)")
    }
}
