import Mobility

/// `Network` of the interface.
struct NetworkRow: Equatable, Encodable {
    private let summary: NetworkSummary

    init(_ summary: NetworkSummary) {
        self.summary = summary
    }

    private enum Field: String, CodingKey {
        case interface
        case interfaceIndex = "interface_index"
        case router, prefixes
        case ageSeconds = "age_seconds"
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: Field.self)
        try row.encode(summary.interface.description, forKey: .interface)
        try row.encode(summary.interfaceIndex, forKey: .interfaceIndex)
        try row.encodeIfPresent(summary.router?.description, forKey: .router)
        try row.encode(summary.prefixes.map(\.description), forKey: .prefixes)
        try row.encodeIfPresent(summary.age?.components.seconds, forKey: .ageSeconds)
    }
}
