/// A configuration, and where each of its values comes from.
public struct LoadedConfiguration: Sendable {
    public let configuration: DaemonConfiguration
    /// In the order of the sections, sources and rules.
    public let settings: [Setting]
}
