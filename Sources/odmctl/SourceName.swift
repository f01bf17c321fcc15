import Posix

/// The name of a source as people give it: whole, or its beginning.
enum SourceName {
    /// The one name that is meant.
    ///
    /// - Throws: `Failure` if there is none, or if there are several.
    static func resolved(_ text: String, among names: [String]) throws(Failure) -> String {
        if names.contains(text) { return text }
        let found = names.filter { $0.hasPrefix(text) }
        if found.count == 1 { return found[0] }
        let problem =
            found.isEmpty
            ? "there is no source '\(text)'\(advice(text, names))"
            : "several sources begin with '\(text)': \(list(found))"
        throw Failure(problem, ExitStatus.dataError)
    }

    private static func advice(_ text: String, _ names: [String]) -> String {
        if let near = Spelling.nearest(to: text, among: names) { return "; did you mean '\(near)'?" }
        return names.isEmpty ? "; none is configured" : "; there are \(list(names))"
    }

    private static let mostNames = 10

    private static func list(_ names: [String]) -> String {
        let more = names.count - mostNames
        return names.prefix(mostNames).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }
}
