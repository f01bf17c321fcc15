import Mobility

extension Refusal {
    /// The reason as the administration interface names it (`RefusalReason`).
    var reason: String {
        switch self {
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
        }
    }
}
