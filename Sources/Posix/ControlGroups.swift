import CLibc

/// The control groups of the host (cgroups(7), version 2), found by their identifiers.
public final class ControlGroups {
    /// Paths that are remembered: no identifier comes twice before the next boot.
    static let memoryLimit = 1024
    /// systemd's units stand at the fourth level at most, and what is below them does not matter.
    static let depthLimit = 8
    /// Where version 2 is mounted: alone, or beside version 1.
    static let mounts = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]

    private var paths: [UInt64: String?] = [:]

    public init() {}

    /// The directory of the root; nil if there is no version 2.
    public static var mount: String? { mounts.last { File.isThere("\($0)/cgroup.controllers") } }

    /// - Returns: such as "/system.slice/nginx.service"; nil if there is no such group.
    public func path(of identifier: UInt64) -> String? {
        if let known = paths[identifier] { return known }
        let path = Self.mount.flatMap { Self.find(identifier, in: $0, below: "", depth: 0) }
        if paths.count == Self.memoryLimit { paths.removeAll(keepingCapacity: true) }
        paths[identifier] = .some(path)
        return path
    }

    /// The identifier of the group at a path such as "/system.slice/nginx.service".
    ///
    /// - Throws: ENOENT if there is no such group, EINVAL if the path is none of a group.
    public static func identifier(of path: String) throws(SystemError) -> UInt64 {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard let mount, path.hasPrefix("/"), !parts.contains(".."), !parts.contains(".") else {
            throw SystemError("look at control group \(path)", errno: EINVAL)
        }
        return try File.inode(ofDirectory: mount + path)
    }

    /// Whether the group at a path is that which had the identifier.
    public static func exists(_ path: String, _ identifier: UInt64) -> Bool {
        (try? Self.identifier(of: path)) == identifier
    }

    /// Removes a group whose name begins so if there is no process in it.
    ///
    /// - Returns: whether it is gone.
    public static func removeIfEmpty(_ path: String, named prefix: String) -> Bool {
        guard let mount, path.split(separator: "/").last?.hasPrefix(prefix) ?? false else { return false }
        return unsafe rmdir(mount + path) == 0
    }

    /// The path of a process's group (/proc/PID/cgroup): of version 2, or where systemd keeps units in version 1 that.
    ///
    /// - Throws: ENOENT or ESRCH if there is no such process, or /proc hides it.
    public static func path(ofProcess process: Int32) throws(SystemError) -> String? {
        path(in: try groups(ofProcess: process))
    }

    /// The path of a process's group of version 2, such as "/user.slice"; nil if there is none.
    ///
    /// - Throws: as `path(ofProcess:)` does.
    public static func unifiedPath(ofProcess process: Int32) throws(SystemError) -> String? {
        let own = try groups(ofProcess: process).split(separator: "\n").first { $0.hasPrefix("0::") }
        return own.map { String($0.dropFirst(3)) }
    }

    /// The contents of /proc/PID/cgroup.
    private static func groups(ofProcess process: Int32) throws(SystemError) -> String {
        String(decoding: try File.read("/proc/\(process)/cgroup", limit: 1 << 16), as: UTF8.self)
    }

    /// Makes a group, and puts this process into it.
    ///
    /// - Throws: what mkdir(2) and write(2) say; ENOENT where version 2 is not mounted.
    public static func enter(_ path: String) throws(SystemError) {
        let directory = (mount ?? "") + path
        _ = try check("make control group \(directory)") { unsafe mkdir(directory, 0o755) }
        try File.write("0", to: "\(directory)/cgroup.procs")
    }

    /// - Parameter groups: the contents of /proc/PID/cgroup.
    static func path(in groups: String) -> String? {
        let groups = groups.split(separator: "\n")
            .map { $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false) }
            .filter { $0.count == 3 }
        let lines = [groups.first { $0[1].isEmpty }, groups.first { $0[1] == "name=systemd" }].compactMap(
            \.self)
        return (lines.first { $0[2] != "/" } ?? lines.first).map { String($0[2]) }
    }

    /// The identifier of a group is the inode of its directory.
    private static func find(
        _ identifier: UInt64, in mount: String, below path: String, depth: Int
    ) -> String? {
        let entries = File.directories(in: mount + path)
        if let entry = entries.first(where: { $0.inode == identifier }) { return "\(path)/\(entry.name)" }
        guard depth < depthLimit else { return nil }
        for entry in entries {
            if let found = find(identifier, in: mount, below: "\(path)/\(entry.name)", depth: depth + 1) {
                return found
            }
        }
        return nil
    }
}
