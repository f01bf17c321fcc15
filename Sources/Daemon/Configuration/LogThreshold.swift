/// The least important messages that are logged (`LogLevel=`).
public enum LogThreshold: String, CaseIterable, Sendable {
    /// Broken.
    case error
    /// Someone should look.
    case warning
    /// Rare, and worth knowing.
    case info
    /// Everything.
    case debug
}
