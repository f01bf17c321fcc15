internal import CHooks
public import Mobility

/// What a program in the kernel has told (`struct odm_report`).
public enum HookReport: Equatable, Sendable {
    /// The last descriptor of a socket was closed.
    case closed(SocketCookie)
    /// A socket got its source address in the kernel, for the process that used it first.
    case given(IPv6Address, Requester)

    /// Nil if it is of a kind that we do not know.
    ///
    /// - Parameter knowsProcesses: numbers of processes are those of our PID namespace.
    init?(_ report: odm_report, knowsProcesses: Bool) {
        switch odm_report_kind(report.kind) {
        case ODM_REPORT_CLOSED: self = .closed(report.cookie)
        case ODM_REPORT_GIVEN:
            self = .given(
                IPv6Address(octets: unsafe unsafeBitCast(report.address, to: (UInt64, UInt64).self)),
                Requester(
                    cookie: report.cookie, transport: UInt16(truncatingIfNeeded: report.protocol),
                    user: report.user,
                    process: knowsProcesses
                        ? Int32(bitPattern: report.process) : Requester.unknownProcess,
                    inode: report.inode))
        default: return nil
        }
    }
}

extension IPv6Address {
    /// - Parameter octets: in network byte order, as they lie in memory.
    init(octets: (UInt64, UInt64)) {
        self.init(high: UInt64(bigEndian: octets.0), low: UInt64(bigEndian: octets.1))
    }

    var octets: (UInt64, UInt64) { (high.bigEndian, low.bigEndian) }
}
