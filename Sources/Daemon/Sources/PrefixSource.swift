import Mobility

/// Somebody who can be asked for prefixes: a DHCPv6 server on a link, or a helper program.
///
/// What becomes of a question is told later, and once: `PrefixOutcome`.
protocol PrefixSource: AnyObject {
    /// Asks for a prefix.
    func ask(_ request: PrefixRequest)
    /// Nobody waits for the prefix any more. Nothing is told of it; if it comes nevertheless, it is given back.
    func cancel(_ id: LeaseID)
    /// No address of the prefix is left: whoever gave it may give it to others.
    func giveBack(_ id: LeaseID)
    /// The host is on another network: is the prefix still ours?
    ///
    /// - Parameter interface: the uplink that leads there; nil if the source has none.
    func rebind(_ id: LeaseID, interface: InterfaceName?)
    /// It has no prefix, and asks for none: nothing is lost if it goes.
    var isIdle: Bool { get }
    /// A neighbour has the single address that was given.
    func decline(_ id: LeaseID)
}

extension PrefixSource {
    /// Whoever knows of moves by itself needs not be told.
    func rebind(_ id: LeaseID, interface: InterfaceName?) {}

    /// Where nobody can be told of the neighbour, the prefix is given back like another.
    func decline(_ id: LeaseID) { giveBack(id) }
}

/// What became of a question.
enum PrefixOutcome: Equatable {
    case granted(LeasedPrefix)
    /// In `explanation`, for the log, why.
    case refused(LeaseID, Refusal, explanation: String)
    /// The prefix that was granted is ours no longer: its time is over, or the network took it away.
    case withdrawn(LeaseID, explanation: String)

    var id: LeaseID {
        switch self {
        case .granted(let lease): lease.id
        case .refused(let id, _, _), .withdrawn(let id, _): id
        }
    }
}
