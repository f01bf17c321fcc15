import Mobility

/// `Source` of the interface.
struct SourceRow: Encodable {
    private let summary: SourceSummary

    init(_ summary: SourceSummary) {
        self.summary = summary
    }

    private enum Field: String, CodingKey {
        case name, kind, types, prefixes, interface, interfaces, place
        case maxAddresses = "max_addresses"
        case addresses, available
    }

    func encode(to encoder: any Encoder) throws {
        let source = summary.source
        var row = encoder.container(keyedBy: Field.self)
        try row.encode(source.name, forKey: .name)
        try row.encode(source.kind.configurationName, forKey: .kind)
        try row.encode(source.types.sorted().map(\.description), forKey: .types)
        try row.encode(source.prefixes.map(\.description), forKey: .prefixes)
        try row.encodeIfPresent(source.interface?.description, forKey: .interface)
        try row.encode(source.uplinks.map(\.description), forKey: .interfaces)
        try row.encode(Self.name(of: source.place), forKey: .place)
        try row.encode(source.maxAddresses, forKey: .maxAddresses)
        try row.encode(summary.addresses, forKey: .addresses)
        try row.encode(summary.isAvailable, forKey: .available)
    }

    private static func name(of place: Source.Place) -> String {
        switch place {
        case .loopback: "loopback"
        case .interface: "interface"
        case .route: "route"
        }
    }
}
