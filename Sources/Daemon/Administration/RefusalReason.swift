import Mobility
import Posix

extension Refusal {
    /// The reason as the administration interface names it (`RefusalReason`).
    var reason: String {
        switch self {
        case .noSource: "no_source"
        case .exhausted: "exhausted"
        case .duplicate: "duplicate"
        case .noNetwork: "no_network"
        case .tooManyAddresses: "too_many_addresses"
        case .timedOut: "timed_out"
        case .kernel: "kernel"
        }
    }

    /// The errno that setsc() would leave.
    var errno: Int32 {
        switch self {
        case .noSource: ErrorNumber.notSupported
        case .exhausted, .duplicate: ErrorNumber.addressNotAvailable
        case .noNetwork: ErrorNumber.networkUnreachable
        case .tooManyAddresses: ErrorNumber.quotaExceeded
        case .timedOut: ErrorNumber.timedOut
        case .kernel(let errno): errno
        }
    }
}
