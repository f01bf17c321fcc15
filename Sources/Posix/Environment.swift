import CLibc

public enum Environment {
    /// The value of an environment variable, or nil if it is not set.
    public static func value(of name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// Sets a variable, for this process and what it executes; the others stay as they are.
    ///
    /// - Precondition: the name is not empty and has no `=`.
    public static func set(_ name: String, to value: String) {
        precondition(unsafe setenv(name, value, 1) == 0, "it is the name of a variable")
    }
}
