import EventLoop
import Mobility
import Posix

/// Writes down what came of requests.
final class RequestJournal {
    /// Of a client that asks in a loop more lines say nothing new.
    static let mostDenials = 10
    static let denialWindow: Duration = .seconds(10)

    private let log: Log
    private var denials = LineLimit(most: mostDenials, in: denialWindow)

    init(log: Log) { self.log = log }

    /// Whether a grant is to be written down at all.
    var writesGrants: Bool { log.level >= .debug }

    func grant(_ grant: Grant, to request: AddressRequest) {
        log.debug(
            "\(grant.address) (\(grant.type)) for \(request.whose)",
            [.message(.grant), .address(grant.address)] + request.journalFields)
    }

    /// A refusal that an administrator can do something about is written down at level info, not more often than an
    /// administrator can read. Where the network is to blame that has been said already, and an administrator who
    /// asks is told.
    ///
    /// - Parameter rule: of the policy, if that refused.
    func denial(_ refusal: Refusal, of request: AddressRequest, rule: String?, at now: Instant) {
        guard refusal.isForTheAdministrator, request.requester != nil else {
            log.debug(line(), fields())
            return
        }
        guard log.level >= .info, case .write(let left) = denials.admit(at: now) else { return }
        if left > 0 { log.info("\(left) more requests were refused, and are not listed") }
        log.info(line(), fields())

        func line() -> String {
            let by = rule.map { " (rule \($0))" } ?? ""
            return "no \(request.type) address for \(request.whose): \(refusal.explanation)\(by)"
        }
        func fields() -> [LogField] {
            [.message(.denial), .reason(refusal)] + request.journalFields + (rule.map { [.rule($0)] } ?? [])
        }
    }
}

extension Refusal {
    /// Place of the rule of the policy that refused; nil if none did.
    var rule: Int? {
        switch self {
        case .denied(let rule), .overQuota(let rule): rule
        case .tooManyNetworkRequests, .noSource, .exhausted, .duplicate, .noNetwork, .networkRefused,
            .tooManyAddresses, .tooManySockets, .socketDestroyed, .timedOut, .kernel:
            nil
        }
    }

    /// It lies with the configuration, or with who asks: more, and other, configuration would help.
    fileprivate var isForTheAdministrator: Bool {
        switch self {
        case .denied, .overQuota, .tooManyNetworkRequests, .noSource, .exhausted, .tooManyAddresses,
            .tooManySockets:
            true
        case .duplicate, .noNetwork, .networkRefused, .socketDestroyed, .timedOut, .kernel: false
        }
    }

    /// For the log.
    fileprivate var explanation: String {
        switch self {
        case .denied: "the policy denies it"
        case .overQuota: "the user has as much as the policy allows"
        case .tooManyNetworkRequests: "too many requests of the user wait for the network"
        case .noSource: "no source is configured for the type"
        case .exhausted: "every address of the sources is in use"
        case .duplicate: "a neighbour has each address that was tried"
        case .noNetwork: "the interface of the source is not there"
        case .networkRefused: "whoever was asked has no prefix for us"
        case .tooManyAddresses: "the socket has as many addresses as it may have"
        case .tooManySockets: "as many sockets have addresses as can be tracked"
        case .socketDestroyed: "the socket was closed"
        case .timedOut: "no answer in time"
        case .kernel(let errno): "\(SystemError.text(errno))"
        }
    }
}
