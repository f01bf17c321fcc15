import CLibc

/// Where programs are looked for.
public enum SearchPath {
    /// What execvp(3) takes if PATH is not set.
    private static let usual = "/bin:/usr/bin"

    /// The path of a program as execvp(3) finds it; nil if there is none that may be executed.
    public static func find(_ name: String) -> String? {
        if name.contains("/") { return isProgram(name) ? name : nil }
        guard !name.isEmpty else { return nil }
        let directories = (Environment.value(of: "PATH") ?? usual)
            .split(separator: ":", omittingEmptySubsequences: false)
        // An empty name is that of the current directory.
        return directories.lazy.map { $0.isEmpty ? name : "\($0)/\(name)" }.first(where: isProgram)
    }

    private static func isProgram(_ path: String) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_mode & mode_t(S_IFMT) == mode_t(S_IFREG) else {
            return false
        }
        return unsafe euidaccess(path, X_OK) == 0
    }
}
