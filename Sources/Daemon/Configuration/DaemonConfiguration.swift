public import EventLoop
public import Mobility

/// All that the administrator can configure.
public struct DaemonConfiguration: Equatable, Sendable {
    /// What the rules need to know.
    public var mobility = Mobility.Configuration()
    /// Members of this group may change things through the admin socket (`AdminGroup=`). It need not exist.
    public var adminGroup = "odm"
    /// `LogLevel=`.
    public var logLevel = LogLevel.info

    /// The defaults.
    public init() {}
}
