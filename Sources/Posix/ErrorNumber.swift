import CLibc

/// The errno values that answers carry, and those that need words of their own.
public enum ErrorNumber {
    public static let notSupported = ENOTSUP
    public static let addressNotAvailable = EADDRNOTAVAIL
    public static let networkUnreachable = ENETUNREACH
    public static let quotaExceeded = EDQUOT
    public static let timedOut = ETIMEDOUT
    public static let noEntry = ENOENT
    public static let connectionRefused = ECONNREFUSED
    public static let accessDenied = EACCES
    public static let notPermitted = EPERM
}
