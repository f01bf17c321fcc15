import Mobility
import NetworkSide

enum PrefixInformationTarget {
    /// An option as the kernel passes it on; nothing else has looked at what is in it.
    static func read(_ octets: Span<UInt8>) {
        guard let option = PrefixInformation(option: octets) else { return }
        precondition(octets.count >= 32, "it takes four times eight octets")
        precondition(option.preferredSeconds <= option.validSeconds, "what is preferred is valid")
        precondition(!option.prefix.address.isLinkLocal, "nobody advertises what every link has")
    }
}
