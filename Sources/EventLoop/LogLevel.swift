/// How much a message matters. Raw values are syslog's priorities, as the journal takes them.
public enum LogLevel: Int, CaseIterable, Sendable {
    /// Broken.
    case error = 3
    /// Someone should look.
    case warning = 4
    /// Rare and worth knowing.
    case info = 6
    /// Free to be many.
    case debug = 7
}

/// A level is greater the more it lets through.
extension LogLevel: Comparable {
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension LogLevel: CustomStringConvertible {
    /// The name that the configuration uses (`LogLevel=`).
    public var description: String {
        switch self {
        case .error: "error"
        case .warning: "warning"
        case .info: "info"
        case .debug: "debug"
        }
    }

    public init?(name: some StringProtocol) {
        guard let level = Self.allCases.first(where: { $0.description == name }) else { return nil }
        self = level
    }
}
