import CLibc

/// The exit codes of our programs (sysexits.h).
public enum ExitStatus {
    /// The command line is wrong.
    public static let usage = EX_USAGE
    /// What was given to work on is wrong.
    public static let dataError = EX_DATAERR
    /// The service is not there.
    public static let unavailable = EX_UNAVAILABLE
    /// An assumption of the program does not hold.
    public static let software = EX_SOFTWARE
    /// The kernel refused.
    public static let systemError = EX_OSERR
    /// A file that belongs to the installation is not there.
    public static let fileMissing = EX_OSFILE
    /// It may work later.
    public static let temporaryFailure = EX_TEMPFAIL
    public static let permissionDenied = EX_NOPERM
    /// The configuration is wrong.
    public static let configuration = EX_CONFIG
    /// As env(1) and shells have it: a program is there and cannot be run.
    public static let cannotExecute: Int32 = 126
    /// As env(1) and shells have it: there is no such program.
    public static let programNotFound: Int32 = 127
}
