import CLibc

/// The errno values that answers carry.
public enum ErrorNumber {
    public static let notSupported = ENOTSUP
    public static let addressNotAvailable = EADDRNOTAVAIL
    public static let networkUnreachable = ENETUNREACH
    public static let quotaExceeded = EDQUOT
    public static let timedOut = ETIMEDOUT
}
