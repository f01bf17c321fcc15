/// A line of a configuration file; a statement that was continued has the number of its first line.
struct ConfigurationLocation: Equatable, Sendable {
    let file: String
    /// From 1 on; 0 for the file as a whole.
    let line: Int
}

extension ConfigurationLocation: CustomStringConvertible {
    var description: String { line == 0 ? file : "\(file):\(line)" }
}

/// One mistake in the configuration: where, what stands there, what is wrong and what would be right.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible, Sendable {
    let location: ConfigurationLocation
    /// What stands there, as it was written; empty when it is the file as a whole.
    let offendingText: String
    let problem: String

    init(_ location: ConfigurationLocation, _ offendingText: String, _ problem: String) {
        self.location = location
        self.offendingText = offendingText
        self.problem = problem
    }

    /// A line such as `/etc/odmd/odmd.conf:12: LingerSec=fast: not a time span; write …`.
    public var description: String {
        let text = Excerpt.of(offendingText)
        return text.isEmpty ? "\(location): \(problem)" : "\(location): \(text): \(problem)"
    }
}

/// Every mistake that was found, in the order of the files and of their lines.
public struct ConfigurationErrors: Error, Equatable, CustomStringConvertible, Sendable {
    /// Most errors that are kept: more than anybody reads, few enough for one message of the admin interface.
    static let limit = 100

    public let errors: [ConfigurationError]
    /// How many more there were.
    public let omitted: Int

    /// - Precondition: there is at least one.
    init(_ found: [ConfigurationError]) {
        precondition(!found.isEmpty, "no error is no error")
        errors = Array(found.prefix(Self.limit))
        omitted = found.count - errors.count
    }

    /// A line for each error.
    public var lines: [String] {
        errors.map(\.description) + (omitted > 0 ? ["and \(omitted) more errors"] : [])
    }

    public var description: String { lines.joined(separator: "\n") }
}
