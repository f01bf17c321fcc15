import Mobility

/// `Address` of the interface.
struct AddressRow: Encodable {
    private let summary: AddressSummary
    private let interfaceName: String?

    init(_ summary: AddressSummary, interfaceName: String?) {
        self.summary = summary
        self.interfaceName = interfaceName
    }

    private enum Field: String, CodingKey {
        case address, type, state, source, interface
        case interfaceIndex = "interface_index"
        case sockets
        case ageSeconds = "age_seconds"
        case held, initial
        case ownerUser = "owner_user"
        case ownerSocket = "owner_socket"
        case lingerLeftMilliseconds = "linger_left_milliseconds"
        case endsInMilliseconds = "ends_in_milliseconds"
        case replacement
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: Field.self)
        try row.encode(summary.address.description, forKey: .address)
        try row.encode(summary.type.description, forKey: .type)
        try row.encode(AddressStateName(summary).rawValue, forKey: .state)
        try row.encodeIfPresent(summary.source, forKey: .source)
        try row.encodeIfPresent(interfaceName, forKey: .interface)
        try row.encodeIfPresent(summary.interfaceIndex, forKey: .interfaceIndex)
        try row.encode(summary.sockets, forKey: .sockets)
        try row.encode(summary.age.components.seconds, forKey: .ageSeconds)
        try row.encode(summary.isHeld, forKey: .held)
        try row.encode(summary.isInitial, forKey: .initial)
        switch summary.owner {
        case .user(let user): try row.encode(user, forKey: .ownerUser)
        case .socket(let cookie): try row.encode(SocketRow.text(cookie), forKey: .ownerSocket)
        case nil: break
        }
        try row.encodeIfPresent(summary.lingerLeft?.wholeMilliseconds, forKey: .lingerLeftMilliseconds)
        if let end = summary.end, !end.isOver {
            try row.encodeIfPresent(end.left?.wholeMilliseconds, forKey: .endsInMilliseconds)
        }
        try row.encodeIfPresent(summary.end?.replacement?.description, forKey: .replacement)
    }
}

extension Duration {
    /// Without the rest below a millisecond.
    var wholeMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
