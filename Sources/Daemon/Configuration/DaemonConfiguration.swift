public import EventLoop
public import Mobility
public import NetworkSide

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
    /// Programs in the kernel tell of sockets and give addresses, if they are loaded (`Hooks=`).
    public var usesHooks = false

    /// How sources of `Kind=dhcpv6` tell servers the type (`Convey=`), by their names.
    public var conveyances: [String: Conveyance] = [:]
    /// Programs and arguments of sources of `Kind=helper` (`Command=`), by their names.
    public var commands: [String: [String]] = [:]

    /// The defaults, without a source.
    public init() {}

    mutating func add(_ configured: ConfiguredSource) {
        let name = configured.source.name
        mobility.sources.append(configured.source)
        conveyances[name] = configured.conveyance
        commands[name] = configured.command
    }
}
