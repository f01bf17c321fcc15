import CLibc

/// What a program gets by its file alone: the dynamic linker is wary then, and heeds LD_PRELOAD no more (ld.so(8),
/// AT_SECURE in getauxval(3)).
public enum ProgramPrivileges: Equatable, Sendable {
    case setUser
    case setGroup
    case capabilities

    /// Whom a process acts for, really and not only effectively.
    public struct Caller: Equatable, Sendable {
        public var user: UInt32
        public var group: UInt32

        public init(user: UInt32, group: UInt32) {
            self.user = user
            self.group = group
        }

        /// This process.
        public static var own: Caller { Caller(user: getuid(), group: getgid()) }
    }

    /// What the file gives to `caller` that he does not have; nil if nothing, as of a file system that is mounted with
    /// nosuid or if this process is bound by PR_SET_NO_NEW_PRIVS.
    ///
    /// - Throws: what stat(2) says.
    public static func given(by path: String, to caller: Caller) throws(SystemError) -> ProgramPrivileges? {
        var status = stat()
        _ = try check("look at \(path)") { unsafe stat(path, &status) }
        guard odm_has_no_new_privileges() == 0, !isOnNosuid(path) else { return nil }
        if status.st_mode & mode_t(S_ISUID) != 0, status.st_uid != caller.user { return .setUser }
        // Without the right to execute it is a mark of something else (mandatory locking, once).
        let setGroup = mode_t(S_ISGID) | mode_t(S_IEXEC >> 3)
        if status.st_mode & setGroup == setGroup, status.st_gid != caller.group { return .setGroup }
        let hasCapabilities = unsafe getxattr(path, "security.capability", nil, 0) > 0
        return hasCapabilities && caller.user != 0 ? .capabilities : nil
    }

    private static func isOnNosuid(_ path: String) -> Bool {
        var system = statvfs()
        return unsafe statvfs(path, &system) == 0 && system.f_flag & UInt(ST_NOSUID) != 0
    }
}
