import CLibc

/// Failures that a reader of files tells apart.
extension SystemError {
    public var isNoSuchFile: Bool { errno == ENOENT }
    public var isFileTooLarge: Bool { errno == EFBIG }
}
