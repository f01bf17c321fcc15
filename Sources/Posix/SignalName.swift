import CLibc

public enum SignalName {
    /// As the manual has it: SIGTERM.
    public static func of(_ signal: Int32) -> String {
        guard let name = unsafe sigabbrev_np(signal) else { return "signal \(signal)" }
        return unsafe "SIG\(String(cString: name))"
    }
}
