import CLibc

/// Becoming another program.
public enum Execution {
    /// Has this process go on as the program that the last `count` words of its command line name, with these as its
    /// arguments, octet by octet; it is looked for in PATH (execvp(3)).
    ///
    /// - Precondition: there are as many words.
    /// - Throws: what execve(2) says; ENOENT if there is no such program.
    public static func become(lastWords count: Int) throws(SystemError) -> Never {
        let words = Int(CommandLine.argc)
        precondition((1..<words).contains(count), "the command line names a program")
        // A null pointer is behind the last one.
        let arguments = unsafe CommandLine.unsafeArgv + (words - count)
        _ = unsafe execvp(arguments[0]!, arguments)
        let errno = odm_errno()
        throw SystemError(CommandLine.arguments[words - count], errno: errno)
    }

    /// Has this process go on as a program that is to go on as ours, with the arguments that we have.
    ///
    /// - Parameter words: the program and its arguments, but for our name and arguments, which follow.
    /// - Throws: what execve(2) says; ENOENT if there is no such program.
    public static func becomeOurselves(by words: [String]) throws(SystemError) -> Never {
        // Another process could not follow the name in /proc/self.
        let ourselves = File.target(of: "/proc/self/exe") ?? CommandLine.arguments[0]
        var arguments = unsafe (words + [ourselves]).map { unsafe strdup($0) }
        for index in 1...Int(CommandLine.argc) {
            unsafe arguments.append(CommandLine.unsafeArgv[index])
        }
        _ = unsafe execvp(arguments[0]!, arguments)
        throw SystemError("run \(words[0])", errno: odm_errno())
    }
}
