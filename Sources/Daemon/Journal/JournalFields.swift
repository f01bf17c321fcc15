import EventLoop
import Mobility

// The fields of our messages: docs/logging.md promises their names. Each message has those that it knows.

extension LogField {
    static func message(_ id: MessageID) -> LogField {
        LogField(name: "MESSAGE_ID", value: id.rawValue)
    }

    static func type(_ type: ContinuityType) -> LogField {
        LogField(name: "ODM_TYPE", value: type.description)
    }

    static func address(_ address: IPv6Address) -> LogField {
        LogField(name: "ODM_ADDRESS", value: address.description)
    }

    /// What new sockets get instead of an address.
    static func replacement(_ address: IPv6Address) -> LogField {
        LogField(name: "ODM_REPLACEMENT", value: address.description)
    }

    /// What became of an address, named as `Change` of the administration interface.
    static func change(_ change: AddressEvent.Change) -> LogField {
        LogField(name: "ODM_CHANGE", value: EventRow.name(of: change))
    }

    /// As `ss -e` shows it after `sk:`.
    static func socket(_ cookie: SocketCookie) -> LogField {
        LogField(name: "ODM_SOCKET", value: SocketRow.text(cookie))
    }

    /// Whoever asked. The journal's own `_UID` is the daemon's.
    static func user(_ user: UInt32) -> LogField { LogField(name: "UID", value: String(user)) }

    /// Named as `RefusalReason` of the administration interface.
    static func reason(_ refusal: Refusal) -> LogField {
        LogField(name: "ODM_REASON", value: refusal.reason)
    }

    /// The rule of the policy that decided.
    static func rule(_ name: String) -> LogField { LogField(name: "ODM_RULE", value: name) }
}

extension AddressRequest {
    var journalFields: [LogField] {
        let fields = [LogField.type(type)]
        return requester.map { fields + [.socket($0.cookie), .user($0.user)] } ?? fields
    }

    /// For whom, in a line of the log.
    var whose: String {
        guard let requester else { return "the administrator" }
        let process = requester.process > 0 ? "process \(requester.process), " : ""
        return "socket \(SocketRow.text(requester.cookie)) (\(process)user \(requester.user))"
    }
}

extension AddressEvent {
    var journalFields: [LogField] {
        let id: MessageID =
            switch change {
            case .deprecated, .replaced, .restored: .move
            case .removed: .loss
            }
        let fields = [LogField.message(id), .type(type), .address(address), .change(change)]
        return replacement.map { fields + [.replacement($0)] } ?? fields
    }
}

extension Report {
    var journalFields: [LogField] {
        switch self {
        case .gaveUp(.address(let address)), .lostToNeighbour(let address):
            [.message(.loss), .address(address)]
        case .gaveUp(.routing): [.message(.loss)]
        case .putBack(.address(let address)), .letGo(let address): [.address(address)]
        case .sourceIsSilent(_, let type): [.type(type)]
        case .putBack(.routing), .prefixOverlaps, .prefixWithdrawn: []
        }
    }
}
