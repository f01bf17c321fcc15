import CLibc

/// A system call that failed, worded as a log line: "open /etc/odmd/odmd.conf: Permission denied".
public struct SystemError: Error, Equatable, CustomStringConvertible, Sendable {
    /// What was attempted, and on what.
    public let operation: String
    /// errno, always positive.
    public let errno: Int32

    public init(_ operation: String, errno: Int32) {
        self.operation = operation
        self.errno = errno
    }

    public var description: String { "\(operation): \(Self.text(errno))" }

    /// strerror(3).
    public static func text(_ errno: Int32) -> String {
        guard let text = unsafe strerror(errno) else { return "error \(errno)" }
        return unsafe String(cString: text)
    }
}

/// Runs a system call that answers -1 and errno, again if a signal interrupted it.
@inline(__always)
func retrying<Result: SignedInteger>(_ call: () -> Result) -> (result: Result, errno: Int32) {
    while true {
        let result = call()
        if result != -1 { return (result, 0) }
        let errno = odm_errno()
        if errno != EINTR { return (-1, errno) }
    }
}

/// Runs a system call and throws what errno says; `operation` is worded only then.
func check<Result: SignedInteger>(
    _ operation: @autoclosure () -> String, _ call: () -> Result
) throws(SystemError) -> Result {
    let outcome = retrying(call)
    guard outcome.errno == 0 else { throw SystemError(operation(), errno: outcome.errno) }
    return outcome.result
}
