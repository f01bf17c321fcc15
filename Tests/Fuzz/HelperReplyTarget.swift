import Mobility

@testable import Daemon

enum HelperReplyTarget {
    /// What is believed makes sense.
    static func read(_ octets: Span<UInt8>) {
        let line = (0..<octets.count).map { octets[$0] }
        guard case .granted(let grant)? = try? HelperReply(line: line) else { return }
        precondition(grant.prefix.length >= 16, "nobody is given more")
        let lease = LeasedPrefix(id: LeaseID(1), source: "modem", type: .fixed, prefix: grant.prefix)
        let stored = StoredLease(lease, helper: StoredLease.Helper(identifier: "a-1", token: grant.token))
        precondition(stored.makesSense, "what is given can be kept")
        precondition((grant.token?.utf8.count ?? 0) <= 256, "a token is short")
    }
}
