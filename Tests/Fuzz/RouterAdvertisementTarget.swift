import Mobility
import NetworkSide

enum RouterAdvertisementTarget {
    /// What is believed makes sense.
    static func read(_ octets: Span<UInt8>) {
        guard let message = try? RouterAdvertisement(octets, from: "fe80::1", hopLimit: 255) else { return }
        precondition(message.prefixes.count <= octets.count / 32, "each prefix takes four times eight octets")
        for prefix in message.prefixes { PrefixInformationTarget.check(prefix) }
    }
}
