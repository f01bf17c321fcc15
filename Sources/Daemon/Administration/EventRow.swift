import Mobility

/// `Event` of the interface.
struct EventRow: Encodable {
    private let event: AddressEvent
    private let left: Duration?
    private let time: Int64

    /// - Parameter time: now, in milliseconds since 1970-01-01 00:00 UTC.
    init(_ event: AddressEvent, at now: Instant, time: Int64) {
        self.event = event
        left = event.end.map { $0.since(now) }
        self.time = time
    }

    private enum Field: String, CodingKey {
        case change, address, type, replacement
        case endsInMilliseconds = "ends_in_milliseconds"
        case time
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: Field.self)
        try row.encode(Self.name(of: event.change), forKey: .change)
        try row.encode(event.address.description, forKey: .address)
        try row.encode(event.type.description, forKey: .type)
        try row.encodeIfPresent(event.replacement?.description, forKey: .replacement)
        try row.encodeIfPresent(left?.wholeMilliseconds, forKey: .endsInMilliseconds)
        try row.encode(time, forKey: .time)
    }

    static func name(of change: AddressEvent.Change) -> String {
        switch change {
        case .deprecated: "deprecated"
        case .replaced: "replaced"
        case .removed: "removed"
        case .restored: "restored"
        }
    }
}
