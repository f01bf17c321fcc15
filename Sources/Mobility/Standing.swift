/// What a process is besides its user's, as of when it connected to us.
public struct Standing: Equatable, Sendable {
    /// Its effective and supplementary groups.
    public var groups: [UInt32]
    public var unit: ServiceUnit

    public init(groups: [UInt32] = [], unit: ServiceUnit = .none) {
        self.groups = groups
        self.unit = unit
    }
}

/// The systemd unit that a process belongs to.
public enum ServiceUnit: Equatable, Sendable {
    /// It belongs to none, or no rule asks.
    case none
    /// The name of a unit of the system, such as nginx.service.
    case named(String)
    /// It could not be found out: the process has ended, or the kernel does not say which it is.
    case unknown
}
