import CLibc

/// What the process may ask of the system for itself.
public enum Process {
    public static var identifier: Int32 { getpid() }

    /// Whether the effective user is root.
    public static var isRoots: Bool { geteuid() == 0 }

    /// Whether a process is there, as far as can be seen: a number that is no process's says nothing.
    public static func isThere(_ process: Int32) -> Bool {
        guard process > 0 else { return true }
        return kill(process, 0) == 0 || odm_errno() != ESRCH
    }

    /// Octets from the kernel's random number generator.
    public static func randomOctets(_ count: Int) throws(SystemError) -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: count)
        let got = try check("getrandom") {
            unsafe octets.withUnsafeMutableBytes { unsafe getrandom($0.baseAddress, $0.count, 0) }
        }
        precondition(got == count, "getrandom gives up to 256 octets whole")
        return octets
    }

    /// Gives back the memory of the program's text: of what it ran through so far most is not used again, and the rest is
    /// mapped again, from the file's pages in the kernel's cache, as it is run.
    public static func forgetText() { odm_forget_text() }

    /// Raises the soft limit of open descriptors to the hard one, and returns it.
    @discardableResult
    public static func raiseDescriptorLimit() -> UInt64 {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        limit.rlim_cur = limit.rlim_max
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return UInt64(limit.rlim_cur)
    }

    /// For a program that goes on until it is stopped: has SIGINT end the process at once and with success, and SIGPIPE
    /// not at all, so that `print` can say that nobody reads any more.
    public static func endAtInterrupt() {
        signal(SIGINT) { _ in _exit(EX_OK) }
        signal(SIGPIPE) { _ in }
    }

    /// As `endAtInterrupt`, for a program that draws on the terminal: the shell goes on in a line of its own, and in its
    /// own colour, whatever was being drawn.
    public static func endDrawingAtInterrupt() {
        endAtInterrupt()
        signal(SIGINT) { _ in
            let end: StaticString = "\u{1B}[m\n"
            _ = unsafe write(STDOUT_FILENO, end.utf8Start, end.utf8CodeUnitCount)
            _exit(EX_OK)
        }
    }

    /// Waits.
    ///
    /// - Returns: false as soon as nobody reads our standard output any more.
    public static func wait(milliseconds: Int32) -> Bool {
        var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        _ = retrying { unsafe poll(&output, 1, milliseconds) }
        return output.revents == 0
    }

    /// Writes a line, or text that ends otherwise, to standard output or standard error.
    ///
    /// - Returns: false if nobody reads it, or it cannot be written.
    @discardableResult
    public static func print(_ text: String, terminator: String = "\n", toError: Bool = false) -> Bool {
        let octets = Array((text + terminator).utf8)
        var written = 0
        while written < octets.count {
            let outcome = unsafe octets.withUnsafeBytes { bytes in
                retrying {
                    unsafe CLibc.write(toError ? 2 : 1, bytes.baseAddress! + written, bytes.count - written)
                }
            }
            guard outcome.errno == 0 else { return false }
            written += outcome.result
        }
        return true
    }
}
