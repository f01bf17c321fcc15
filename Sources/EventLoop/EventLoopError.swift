import CSystemd

/// What libsystemd refused, and why. Reads as a log line: `watch descriptor 7: Too many open files (EMFILE)`.
public struct EventLoopError: Error, Equatable {
    /// What was asked for, in the imperative.
    public let operation: String
    /// The positive errno.
    public let errno: Int32

    public init(operation: String, errno: Int32) {
        self.operation = operation
        self.errno = errno
    }
}

extension EventLoopError: CustomStringConvertible {
    public var description: String {
        guard let text = unsafe strerrordesc_np(errno), let name = unsafe strerrorname_np(errno) else {
            return "\(operation): error \(errno)"
        }
        return unsafe "\(operation): \(String(cString: text)) (\(String(cString: name)))"
    }
}

/// libsystemd's convention: a negative errno, or a result. The text is made only when it is needed.
@discardableResult
func check(
    _ result: Int32, _ operation: @autoclosure () -> String
) throws(EventLoopError) -> Int32 {
    guard result >= 0 else { throw EventLoopError(operation: operation(), errno: -result) }
    return result
}
