import CLibc
import Mobility
import Wire

// The rules' answers as frames.

extension Reply {
    init(_ answer: Answer) {
        switch answer {
        case .granted(let grant): self.init(grant, operation: .setsc)
        case .refused(let refusal):
            self.init(
                operation: Request.Operation.setsc.rawValue, status: refusal.status, errno: refusal.errno)
        }
    }

    init(_ grant: Grant, operation: Request.Operation) {
        self.init(
            operation: operation.rawValue, type: grant.type.rawValue, status: .granted,
            addressHigh: grant.address.high, addressLow: grant.address.low)
    }
}

extension Refusal {
    var status: Reply.Status {
        switch self {
        case .noSource: .notSupported
        case .socketDestroyed: .callerError
        case .denied, .overQuota, .tooManyNetworkRequests, .exhausted, .duplicate, .noNetwork,
            .networkRefused,
            .tooManyAddresses, .tooManySockets, .timedOut, .kernel:
            .failed
        }
    }

    /// What setsc(3) leaves in errno.
    var errno: Int32 {
        switch self {
        case .denied: EACCES
        case .overQuota, .tooManyNetworkRequests: EDQUOT
        case .noSource: ENOTSUP
        case .exhausted, .duplicate, .networkRefused: EADDRNOTAVAIL
        case .noNetwork: ENETUNREACH
        case .tooManyAddresses, .tooManySockets: EDQUOT
        case .socketDestroyed: EBADF
        case .timedOut: ETIMEDOUT
        case .kernel(let errno): errno
        }
    }
}
