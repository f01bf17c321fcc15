/// The systemd unit that a control group belongs to.
public enum UnitName {
    private static let suffixes = [".service", ".scope", ".socket", ".mount", ".swap"]

    /// The unit of the system's manager, as sd_pid_get_unit(3) tells it; nil if the group is in none.
    ///
    /// Of a process in a user's session this is the session, or the user's manager: units that users make themselves are
    /// not told, for they may have any name.
    ///
    /// - Parameter path: such as "/system.slice/nginx.service".
    public static func ofControlGroup(_ path: String) -> String? {
        let unit = path.split(separator: "/").first { !$0.hasSuffix(".slice") }
        // Of what begins like a file of the kernel's, systemd makes another name by one character.
        guard let name = unit.map({ String($0.hasPrefix("_") ? $0.dropFirst() : $0) }),
            suffixes.contains(where: { name.hasSuffix($0) && name.utf8.count > $0.utf8.count })
        else { return nil }
        return name
    }
}
