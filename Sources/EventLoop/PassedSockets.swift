import CSystemd

/// Sockets that the service manager has opened and passes to the service, so that clients may come before there is one
/// (sd_listen_fds).
public enum PassedSockets {
    /// Takes them over: for the caller alone, and not for programs that he starts.
    ///
    /// - Returns: their descriptors, none if there is no such service manager.
    /// - Throws: EINVAL if what the environment says of them makes no sense.
    public static func take() throws(EventLoopError) -> [Int32] {
        let count = try check(sd_listen_fds(1), "take over the sockets of the service manager")
        return (0..<count).map { SD_LISTEN_FDS_START + $0 }
    }
}
