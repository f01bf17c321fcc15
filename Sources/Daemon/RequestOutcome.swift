import Mobility

/// What came of a request, as administration, metrics and the journal name it.
enum RequestOutcome: Int, CaseIterable {
    case granted
    case denied
    case overQuota
    case tooManyNetworkRequests
    case noSource
    case exhausted
    case duplicate
    case noNetwork
    case networkRefused
    case tooManyAddresses
    case tooManySockets
    case socketDestroyed
    case timedOut
    case kernel
    /// Whoever asked was gone before the answer was there.
    case cancelled

    init(_ answer: Answer) {
        switch answer {
        case .granted: self = .granted
        case .refused(let refusal): self.init(refusal)
        }
    }

    init(_ refusal: Refusal) {
        self =
            switch refusal {
            case .denied: .denied
            case .overQuota: .overQuota
            case .tooManyNetworkRequests: .tooManyNetworkRequests
            case .noSource: .noSource
            case .exhausted: .exhausted
            case .duplicate: .duplicate
            case .noNetwork: .noNetwork
            case .networkRefused: .networkRefused
            case .tooManyAddresses: .tooManyAddresses
            case .tooManySockets: .tooManySockets
            case .socketDestroyed: .socketDestroyed
            case .timedOut: .timedOut
            case .kernel: .kernel
            }
    }

    /// A label's value; refusals are named as `RefusalReason` of the administration interface.
    var name: String {
        switch self {
        case .granted: "granted"
        case .denied: "denied"
        case .overQuota: "over_quota"
        case .tooManyNetworkRequests: "too_many_network_requests"
        case .noSource: "no_source"
        case .exhausted: "exhausted"
        case .duplicate: "duplicate"
        case .noNetwork: "no_network"
        case .networkRefused: "network_refused"
        case .tooManyAddresses: "too_many_addresses"
        case .tooManySockets: "too_many_sockets"
        case .socketDestroyed: "socket_destroyed"
        case .timedOut: "timed_out"
        case .kernel: "kernel"
        case .cancelled: "cancelled"
        }
    }

    var isRefusal: Bool { self != .granted && self != .cancelled }
}

extension Refusal {
    /// `RefusalReason` of the administration interface.
    var reason: String { RequestOutcome(self).name }
}
