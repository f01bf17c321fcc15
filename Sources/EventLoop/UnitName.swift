import CSystemd

/// The systemd unit that a process belongs to.
public enum UnitName {
    /// The unit of the system's manager (sd_pid_get_unit); nil if the process is in none, as where systemd does not run.
    ///
    /// Of a process in a user's session this is the session, or the user's manager: units that users make themselves are
    /// not told, for they may have any name.
    ///
    /// - Throws: ESRCH if there is no such process; another if its control group cannot be read.
    public static func ofProcess(_ process: Int32) throws(EventLoopError) -> String? {
        var name: UnsafeMutablePointer<CChar>?
        let result = unsafe sd_pid_get_unit(process, &name)
        defer { unsafe free(name) }
        // ENXIO and ENOMEDIUM: there is no hierarchy of systemd's.
        if [-ENODATA, -ENXIO, -ENOMEDIUM].contains(result) { return nil }
        try check(result, "find the unit of process \(process)")
        guard let name = unsafe name else { return nil }
        return unsafe String(cString: name)
    }
}
