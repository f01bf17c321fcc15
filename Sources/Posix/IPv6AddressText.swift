import CLibc

public enum IPv6AddressText {
    /// The 16 octets of an address in any of its spellings (inet_pton(3)); nil if the text is no address.
    public static func octets(of text: String) -> [UInt8]? {
        var octets = [UInt8](repeating: 0, count: 16)
        return unsafe inet_pton(AF_INET6, text, &octets) == 1 ? octets : nil
    }
}
