import EventLoop
import Mobility
import Posix

/// What administration shows and does; the daemon.
protocol AdministrationDelegate: AnyObject {
    var status: DaemonStatus { get }
    /// The numbers of the daemon in the format of OpenMetrics.
    var metrics: String { get }
    func addressSummaries() -> [AddressSummary]
    func socketSummaries() -> [SocketSummary]
    func sourceSummaries() -> [SourceSummary]
    /// The rules of the policy, in their order.
    var rules: [PolicyRule] { get }
    /// What is in force of the configuration.
    var settings: [Setting] { get }
    /// What would come of a request.
    func explain(_ request: AddressRequest) -> Explanation
    /// The name of an interface; nil if there is none of that index.
    func interfaceName(_ index: UInt32) -> String?
    /// Where it is told what becomes of addresses.
    func onAddressEvent(_ body: @escaping (EventRow) -> Void)

    /// Makes an address and holds it. `answer` is called exactly once, at once or later.
    func acquire(_ type: ContinuityType, onNet: Bool, _ answer: @escaping (Answer) -> Void)
    func release(_ address: IPv6Address) -> ReleaseOutcome
    /// Has the processes of a control group get addresses of a type without asking; nil: none any more.
    func assign(_ type: ContinuityType?, to controlGroup: String) throws(AssignmentError)
    /// Control groups that have a type, by their paths.
    func assignments() -> [(controlGroup: String, type: ContinuityType)]
    /// Releases every address. Counts those that go now and those that sockets still use.
    func releaseAll() -> (removed: Int, leaving: Int)
    /// Reads the configuration again. Returns its errors; none means that it is in force.
    func reload() -> [String]
    /// Until the configuration is read again.
    func setLogLevel(_ level: LogLevel)
    /// Whether a client may call what changes something.
    func mayChange(_ peer: PeerCredentials) -> Bool
}

/// What came of releasing an address.
enum ReleaseOutcome: Equatable {
    /// odmd has no such address.
    case notOurs
    case removed
    /// It goes when the last of these sockets is closed, and gets no new one.
    case leaving(sockets: Int)
}
