import CLibc

/// How a program ends, as <sysexits.h> numbers it.
public enum ExitStatus {
    public static let success = EX_OK
    /// The command line is wrong.
    public static let usage = EX_USAGE
    /// The configuration is wrong.
    public static let configuration = EX_CONFIG
}
