import NetworkSide

enum DHCPv6MessageTarget {
    private static let continuityOption: UInt16 = 65001

    /// What can be read is written and read again as the same.
    static func read(_ octets: Span<UInt8>) {
        guard let message = try? DHCPv6Message(octets, continuityOption: continuityOption) else { return }
        let written = message.encoded(continuityOption: continuityOption)
        let again = try? DHCPv6Message(written.span, continuityOption: continuityOption)
        precondition(again == message, "a message means the same when it has been written")
    }
}
