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
    /// Octets of receive buffer that the kernel is asked for (SO_RCVBUFFORCE) when the deaths of sockets are
    /// subscribed to next (`SocketEventBufferBytes=`). It grants twice as many; an event takes about 1,280.
    public var socketEventBufferBytes = 64 << 20

    /// The defaults.
    public init() {}
}
