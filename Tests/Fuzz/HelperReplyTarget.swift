import Mobility

@testable import Daemon

enum HelperReplyTarget {
    /// What is believed makes sense.
    static func read(_ octets: Span<UInt8>) {
        let line = (0..<octets.count).map { octets[$0] }
        guard case .granted(let grant)? = try? HelperReply(line: line) else { return }
        precondition(grant.prefix.length >= 16, "nobody is given more")
        precondition(!grant.prefix.address.isLinkLocal, "nobody is given what every link has")
        precondition((grant.token?.utf8.count ?? 0) <= 256, "a token is short")
    }
}
