import Mobility

/// What came of a request, as metrics tell it apart.
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

    private init(_ refusal: Refusal) {
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

    /// The value of the label; refusals are named as `RefusalReason` of the interface.
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

    var isRefusal: Bool {
        switch self {
        case .granted, .cancelled: false
        case .denied, .overQuota, .tooManyNetworkRequests, .noSource, .exhausted, .duplicate, .noNetwork,
            .networkRefused, .tooManyAddresses, .tooManySockets, .socketDestroyed, .timedOut, .kernel:
            true
        }
    }
}
