import CLibc

/// The user and the group that a program runs as.
public struct ProcessIdentity: Equatable, Sendable {
    public var user: UInt32
    public var group: UInt32

    public init(user: UInt32, group: UInt32) {
        self.user = user
        self.group = group
    }

    /// Owns nothing (the kernel's overflow identity, `nobody` and `nogroup` by name).
    public static let nobody = ProcessIdentity(user: 65534, group: 65534)

    /// A user and its primary group, or nil if there is none of that name.
    public static func named(_ user: String) -> ProcessIdentity? {
        guard let entry = unsafe getpwnam(user) else { return nil }
        return unsafe ProcessIdentity(user: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
    }

    /// Whether a program can be run as another user, and ended (CAP_SETUID, CAP_SETGID, CAP_KILL).
    public static var mayBeChosen: Bool {
        [CAP_SETUID, CAP_SETGID, CAP_KILL].allSatisfy { odm_has_capability($0) != 0 }
    }
}
