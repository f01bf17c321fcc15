import CLibc

/// Runs `body` in a thread of its own, so that what it changes of itself goes with it: namespaces, identity,
/// descriptors.
///
/// `#expect` belongs outside: the test is not known in there.
func inOwnThread<Result>(_ body: @escaping () throws -> Result) throws -> Result {
    var outcome: Swift.Result<Result, any Error>?
    let work = Work { outcome = Swift.Result { try body() } }
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
