import CLibc

/// Making mount namespaces takes root.
nonisolated let canMakeMountNamespaces = geteuid() == 0

/// Runs `body` in a thread with a mount namespace of its own, in which a small tmpfs lies on `directory`; both
/// go with the thread.
///
/// `#expect` belongs outside: the test is not known in there.
func withSmallFileSystem<Result>(
    on directory: String, _ body: @escaping (_ mount: (String) -> Bool) throws -> Result
) throws -> Result {
    var outcome: Swift.Result<Result, any Error>?
    let work = Work {
        precondition(unshare(CLONE_NEWNS) == 0, "cannot make a mount namespace")
        let mount = { (arguments: String) in unsafe system("mount \(arguments) \(directory)") == 0 }
        precondition(unsafe system("mount --make-rprivate /") == 0)
        precondition(mount("-t tmpfs -o size=8k tmpfs"), "cannot mount a tmpfs")
        outcome = Swift.Result { try body(mount) }
    }
    var thread = pthread_t()
    let status = unsafe pthread_create(
        &thread, nil,
        { argument in
            unsafe Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().run()
            return nil
        }, Unmanaged.passRetained(work).toOpaque())
    precondition(status == 0, "cannot make a thread")
    pthread_join(thread, nil)
    return try outcome!.get()
}

private final class Work {
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
}
