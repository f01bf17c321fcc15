import CLibc

/// Users and groups, as the name service knows them.
public enum Account {
    /// The number of a group, or nil if there is none of that name.
    public static func group(named name: String) -> UInt32? {
        guard let entry = unsafe getgrnam(name) else { return nil }
        return unsafe entry.pointee.gr_gid
    }

    /// The number of a user, or nil if there is none of that name.
    public static func user(named name: String) -> UInt32? {
        guard let entry = unsafe getpwnam(name) else { return nil }
        return unsafe entry.pointee.pw_uid
    }

    /// True if the user is in the group, as primary or as supplementary group.
    public static func user(_ user: UInt32, isIn group: UInt32) -> Bool {
        groups(ofUser: user).contains(group)
    }

    /// The primary and the supplementary groups of a user; none if there is no such user.
    public static func groups(ofUser user: UInt32) -> [UInt32] {
        guard let entry = unsafe getpwuid(user) else { return [] }
        var count: Int32 = 64
        var groups = [gid_t](repeating: 0, count: Int(count))
        let primary = unsafe entry.pointee.pw_gid
        while unsafe getgrouplist(entry.pointee.pw_name, primary, &groups, &count) < 0 {
            guard Int(count) > groups.count else { return [] }
            groups = [gid_t](repeating: 0, count: Int(count))
        }
        return Array(groups.prefix(Int(count)))
    }

    /// The name of a group, or its number if it has none.
    public static func name(ofGroup group: UInt32) -> String {
        guard let entry = unsafe getgrgid(group), let name = unsafe entry.pointee.gr_name else {
            return String(group)
        }
        return unsafe String(cString: name)
    }

    /// The name of a user, or its number if it has none.
    public static func name(ofUser user: UInt32) -> String {
        guard let entry = unsafe getpwuid(user), let name = unsafe entry.pointee.pw_name else {
            return String(user)
        }
        return unsafe String(cString: name)
    }
}
