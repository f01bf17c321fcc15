import Posix

/// Why there is no address: `RefusalReason` of the interface, with the errno that goes with it.
struct RefusalReason {
    /// For the person at the terminal.
    let words: String
    /// One of `ExitStatus`.
    let exitCode: Int32

    /// - Parameter reason: as odmd names it; one that is not known is shown as it is.
    init(_ reason: String?, errno: Int32?) {
        switch reason {
        case "denied": self.init("the policy denies it", ExitStatus.permissionDenied)
        case "over_quota": self.init("the user has as much as the policy allows")
        case "too_many_network_requests": self.init("too many requests of the user wait for the network")
        case "no_source": self.init("no source is configured for this type", ExitStatus.configuration)
        case "exhausted": self.init("every address of the sources is in use")
        case "duplicate": self.init("a neighbour has each address that was tried")
        case "no_network": self.init("the interface of the source is not there")
        case "network_refused": self.init("the network has no address of this type to give")
        case "too_many_addresses": self.init("too many addresses for one socket")
        case "too_many_sockets": self.init("as many sockets have addresses as can be tracked")
        case "socket_destroyed": self.init("the socket was closed")
        case "timed_out": self.init("the network did not answer in time")
        case "kernel":
            let problem = errno.map { ": " + SystemError.text($0) } ?? ""
            self.init("the system refused the address" + problem, ExitStatus.systemError)
        default: self.init("for a reason that odmctl does not know: \(reason ?? "none")", ExitStatus.software)
        }
    }

    private init(_ words: String, _ exitCode: Int32 = ExitStatus.temporaryFailure) {
        self.words = words
        self.exitCode = exitCode
    }
}
