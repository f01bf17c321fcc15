internal import CHooks

/// Why the hooks cannot be used.
public struct HookError: Error, Equatable, CustomStringConvertible {
    /// What was done with which map.
    public let action: String
    public let errno: Int32

    public var description: String {
        "cannot \(action): \(unsafe String(cString: strerror(errno)))"
    }
}

/// Turns -1 into an error.
@discardableResult
func check(_ action: @autoclosure () -> String, _ result: Int32) throws(HookError) -> Int32 {
    guard result != -1 else { throw HookError(action: action(), errno: odm_errno()) }
    return result
}
