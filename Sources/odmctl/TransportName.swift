/// The name that ss(8) and /etc/protocols have for an IP protocol number (IANA, Protocol Numbers; Linux for
/// MPTCP), or the number itself.
func transportName(_ number: Int) -> String {
    switch number {
    case 6: "tcp"
    case 17: "udp"
    case 33: "dccp"
    case 58: "icmp6"
    case 132: "sctp"
    case 136: "udplite"
    case 255: "raw"
    case 262: "mptcp"
    default: String(number)
    }
}
