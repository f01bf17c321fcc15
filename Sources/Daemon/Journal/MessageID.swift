/// MESSAGE_ID= of what programs look for in the journal (systemd.journal-fields(7)). Each was drawn once, and names the
/// same for ever: who follows the journal relies on it.
enum MessageID: String, CaseIterable {
    /// A socket, or the administrator, was given an address.
    case grant = "1f0edf756d1b445e91d7f5dd7873418a"
    /// A request was refused.
    case denial = "e4387e6f61604d93a03f708ab925ce5d"
    /// The host has moved, and an address in use is deprecated, replaced, or as good as before.
    case move = "33ba9e0145224f63902304a37277d266"
    /// An address works no more, and whoever had it has lost it.
    case loss = "ffa2c16d45ff4c86b0b6a0e70fd59003"
}
