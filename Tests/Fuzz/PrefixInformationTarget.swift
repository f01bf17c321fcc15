import Mobility
import NetworkSide

enum PrefixInformationTarget {
    /// An option as the kernel passes it on; nothing else has looked at what is in it.
    static func read(_ octets: Span<UInt8>) {
        guard let option = PrefixInformation(option: octets) else { return }
        precondition(octets.count >= 32, "it takes four times eight octets")
        check(option)
    }

    /// What is believed makes sense, after the bits behind the prefix length are gone.
    static func check(_ option: PrefixInformation) {
        precondition(option.preferredSeconds <= option.validSeconds, "what is preferred is valid")
        precondition(option.prefix.length >= 16, "nobody is given more")
        for reserved in ["fe80::/10", "ff00::/8", "::/96", "::ffff:0:0/96"] as [IPv6Prefix] {
            precondition(!reserved.overlaps(option.prefix), "nobody advertises what every link has")
        }
    }
}
