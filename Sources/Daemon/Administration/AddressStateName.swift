import Mobility

/// `AddressState` of the interface: what the rules tell apart, and how far an address has come after a move.
enum AddressStateName: String, CaseIterable {
    case acquiring, configuring, active, lingering, deprecated, ended, removing

    init(_ state: AddressState, isEnding: Bool, hasEnded: Bool) {
        guard !isEnding else {
            self = hasEnded ? .ended : .deprecated
            return
        }
        self =
            switch state {
            case .acquiring: .acquiring
            case .configuring: .configuring
            case .active: .active
            case .lingering: .lingering
            case .removing: .removing
            }
    }

    init(_ summary: AddressSummary) {
        self.init(
            summary.state, isEnding: summary.end != nil, hasEnded: summary.end.map(\.isOver) ?? false)
    }
}
