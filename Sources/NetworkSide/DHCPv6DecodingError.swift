/// Why octets are not a DHCPv6 message.
public enum DHCPv6DecodingError: Error, Equatable, Sendable {
    /// Shorter than the four octets that every message begins with.
    case tooShort
    /// Of a kind that is none of ours, a relay agent's for example.
    case unknownKind(UInt8)
    /// An option that goes on after the end of what it is in, or whose header does.
    case optionBeyondEnd
    /// An option whose contents have not the length that they should have.
    case wrongLength(option: UInt16)
    /// A prefix of more than 128 bits.
    case prefixTooLong(bits: UInt8)
    /// More of an option than anybody needs.
    case tooMany(option: UInt16)
}

extension DHCPv6DecodingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooShort: "shorter than a DHCPv6 message"
        case .unknownKind(let kind): "DHCPv6 message of kind \(kind)"
        case .optionBeyondEnd: "option goes on after the end"
        case .wrongLength(let option): "option \(option) has a wrong length"
        case .prefixTooLong(let bits): "prefix of \(bits) bits"
        case .tooMany(let option): "too many options \(option)"
        }
    }
}
