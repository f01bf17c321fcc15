import Mobility

/// What `odmd --check-config` says.
public struct ConfigurationCheck: Equatable, Sendable {
    /// A line for standard output, or one for each error for standard error.
    public let text: String
    public let isGood: Bool

    /// Loads the configuration as a start would.
    public init(path: String, isDefaultPath: Bool) {
        do {
            let configuration = try DaemonConfiguration.load(path: path, isDefaultPath: isDefaultPath)
            text = "\(path) is good: \(Self.summary(configuration.mobility.sources))"
            isGood = true
        } catch {
            text = error.description
            isGood = false
        }
    }

    static func summary(_ sources: [Source]) -> String {
        if sources == [BuiltInSource.source] { return "no source, so what routers advertise is used" }
        let prefixes = sources.reduce(0) { $0 + $1.prefixes.count }
        return "\(counted(sources.count, "source")), \(prefixes == 1 ? "1 prefix" : "\(prefixes) prefixes")"
    }

    private static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
