import CLibc

public enum Environment {
    /// The value of an environment variable, or nil if it is not set.
    public static func value(of name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}
