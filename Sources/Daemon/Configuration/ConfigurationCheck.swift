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
                .configuration
            text = "\(path) is good: \(Self.summary(configuration.mobility))"
            isGood = true
        } catch {
            text = error.description
            isGood = false
        }
    }

    static func summary(_ configuration: Mobility.Configuration) -> String {
        let rules = configuration.policy.rules.count { !$0.isBuiltIn }
        let sources = summary(configuration.sources)
        return rules == 0 ? sources : "\(sources), \(counted(rules, "rule", "rules"))"
    }

    private static func summary(_ sources: [Source]) -> String {
        if sources == [BuiltInSource.source] {
            return "no source but what routers advertise on every interface"
        }
        return Source.Kind.names.compactMap { name, kind in
            let ofKind = sources.filter { $0.kind == kind }
            guard !ofKind.isEmpty else { return nil }
            let prefixes = ofKind.reduce(0) { $0 + $1.prefixes.count }
            let count = counted(ofKind.count, "\(name) source", "\(name) sources")
            return prefixes == 0 ? count : "\(count) with \(counted(prefixes, "prefix", "prefixes"))"
        }
        .joined(separator: ", ")
    }

    private static func counted(_ count: Int, _ one: String, _ many: String) -> String {
        "\(count) \(count == 1 ? one : many)"
    }
}
