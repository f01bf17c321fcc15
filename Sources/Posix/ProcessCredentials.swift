import CLibc

/// Whom a process acts for.
public struct ProcessCredentials: Equatable, Sendable {
    /// The effective one.
    public var user: UInt32
    /// The effective one first, then the supplementary ones.
    public var groups: [UInt32]

    /// Of another process (/proc/PID/status, proc_pid_status(5)).
    ///
    /// - Throws: ENOENT or ESRCH if there is none, EACCES if it may not be looked at.
    public init(of process: Int32) throws(SystemError) {
        let text = String(
            decoding: try File.read("/proc/\(process)/status", limit: 1 << 20), as: UTF8.self)
        guard let credentials = ProcessCredentials(status: text) else {
            throw SystemError("read status of process \(process)", errno: EBADMSG)
        }
        self = credentials
    }

    /// - Parameter status: the contents of /proc/PID/status.
    init?(status: String) {
        func numbers(_ key: String) -> [UInt32]? {
            let line = status.split(separator: "\n").first { $0.hasPrefix("\(key):") }
            return line?.dropFirst(key.count + 1).split { $0 == "\t" || $0 == " " }.compactMap { UInt32($0) }
        }
        // Real, effective, saved, and of the file system.
        guard let users = numbers("Uid"), users.count == 4, let own = numbers("Gid"), own.count == 4,
            let others = numbers("Groups")
        else { return nil }
        user = users[1]
        groups = [own[1]] + others.filter { $0 != own[1] }
    }
}
