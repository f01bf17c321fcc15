import CLibc

/// Making mount namespaces takes root.
nonisolated let canMakeMountNamespaces = geteuid() == 0

/// Runs `body` in a thread with a mount namespace of its own, in which a tmpfs of two pages lies on `directory`;
/// both go with the thread.
func withSmallFileSystem<Result>(
    on directory: String, _ body: @escaping (_ mount: (String) -> Bool) throws -> Result
) throws -> Result {
    try inOwnThread {
        precondition(unshare(CLONE_NEWNS) == 0, "cannot make a mount namespace")
        let mount = { (arguments: String) in unsafe system("mount \(arguments) \(directory)") == 0 }
        precondition(unsafe system("mount --make-rprivate /") == 0)
        precondition(mount("-t tmpfs -o size=8k tmpfs"), "cannot mount a tmpfs")
        return try body(mount)
    }
}
