import CLibc

/// A pidfd: it stands for one process, and never for another that is given its number later.
public struct ProcessHandle: ~Copyable {
    private let descriptor: Descriptor

    /// Whoever connected at the other end of a Unix socket (SO_PEERPIDFD).
    ///
    /// - Throws: ENOPROTOOPT before Linux 6.5; another if the process is gone.
    public init(peerOf connection: borrowing Descriptor) throws(SystemError) {
        var number: Int32 = -1
        var size = socklen_t(MemoryLayout<Int32>.size)
        let socket = connection.number
        _ = try check("get a handle of a peer") {
            unsafe getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &number, &size)
        }
        descriptor = Descriptor(adopting: number)
    }

    /// A process that is there.
    ///
    /// - Throws: ESRCH if it is not.
    public init(of process: Int32) throws(SystemError) {
        descriptor = Descriptor(
            adopting: try check("get a handle of process \(process)") { odm_open_process(process) })
    }

    /// The identifier of its control group (PIDFD_GET_INFO), which can be had of processes that /proc hides as well.
    ///
    /// - Throws: ENOTTY before Linux 6.13, ESRCH if it has ended.
    public func controlGroup() throws(SystemError) -> UInt64 {
        var identifier: UInt64 = 0
        let handle = descriptor.number
        _ = try check("find the control group of a process") { unsafe odm_control_group(handle, &identifier) }
        return identifier
    }

    /// Its number is still its own: it has not ended, or nobody has waited for it.
    public var isThere: Bool {
        odm_signal_process(descriptor.number, 0) == 0 || odm_errno() == EPERM
    }
}
