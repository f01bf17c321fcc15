/// The options of DHCPv6 that are understood here (RFC 8415, section 21); all others are skipped.
///
/// INF_MAX_RT (83) is among those skipped: it limits Information-requests, and none is ever sent.
enum DHCPv6OptionCode: UInt16 {
    case clientIdentifier = 1
    case serverIdentifier = 2
    case nonTemporaryAddresses = 3
    case address = 5
    case optionRequest = 6
    case preference = 7
    case elapsedTime = 8
    case status = 13
    case rapidCommit = 14
    case userClass = 15
    case prefixDelegation = 25
    case prefix = 26
    case maxSolicitTimeout = 82
}
