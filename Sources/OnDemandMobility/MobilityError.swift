/// Why there is no address, or no event.
///
/// With `notSupported` and `failed` a program can go on with an ordinary address.
public struct MobilityError: Error, Hashable, Sendable {
    /// What setsc(3) returns; the raw values are those of <odm/setsc.h> and <netdb.h>.
    public enum Status: Int32, CaseIterable, Sendable {
        /// EAI_REQUIREDIPNOTSUPPORTED: there is nothing here that could give such an address. `errno` is ENOENT or
        /// ECONNREFUSED without a daemon, ENOTSUP without a source of addresses of the type, EXDEV for a socket of
        /// another network namespace, EPROTONOSUPPORT for a daemon of another version, or what else connect(2) says.
        case notSupported = -200
        /// EAI_REQUIREDIPFAILED: the address could not be had this time. `errno` is ETIMEDOUT after the time that
        /// was set or that the daemon allows, EADDRNOTAVAIL, ENETUNREACH, EACCES if policy denies it, EDQUOT, EBUSY,
        /// EMFILE, ENOSPC or EROFS as in setsc(3), ECONNRESET if the daemon ended before it answered, EBADMSG if what
        /// answered does not speak the protocol, or what the kernel said when the address was made.
        case failed = -201
        /// EAI_SYSTEM: the call itself could not be carried out. `errno` is EBADF or ENOTSOCK for what is no socket,
        /// EAFNOSUPPORT for one that is not an IPv6 socket, ENOENT from `getsc` and `watch` for one that was given no
        /// address, EOPNOTSUPP from `watch` for a daemon that is older than that, EMFILE, ENFILE, ENOMEM, ENOBUFS or
        /// EAGAIN without room for a descriptor or a thread.
        case system = -11
        /// EAI_CANCELED: the task was cancelled, and the request with it. `errno` is ECANCELED.
        case cancelled = -101
    }

    public let status: Status
    /// A Linux errno, always positive.
    public let errno: Int32

    public init(_ status: Status, errno: Int32) {
        self.status = status
        self.errno = errno
    }
}

extension MobilityError.Status: CustomStringConvertible {
    /// The words of odm_strerror(3).
    public var description: String {
        switch self {
        case .notSupported: "Addresses of this type are not supported here"
        case .failed: "An address of this type could not be had"
        case .system: "The call failed"
        case .cancelled: "Request canceled"
        }
    }
}

extension MobilityError: CustomStringConvertible {
    /// The words of odm_strerror(3), then those of strerror(3).
    public var description: String { "\(status): \(SystemCalls.text(ofError: errno))" }
}

extension MobilityError {
    static func notSupported(_ errno: Int32) -> MobilityError { MobilityError(.notSupported, errno: errno) }
    static func failed(_ errno: Int32) -> MobilityError { MobilityError(.failed, errno: errno) }
    static func system(_ errno: Int32) -> MobilityError { MobilityError(.system, errno: errno) }
    static var timedOut: MobilityError { .failed(ErrorNumber.timedOut) }
    static var cancelled: MobilityError { MobilityError(.cancelled, errno: ErrorNumber.cancelled) }
    static var notOurProtocol: MobilityError { .failed(ErrorNumber.badMessage) }
}
