import CLibc
import COdm

/// Why a call fails: the status that it returns, and the errno that says more.
struct Failure: Error {
    let status: CInt
    let errno: CInt

    /// Nothing here could give such an address.
    static func notSupported(_ errno: CInt) -> Failure {
        Failure(status: EAI_REQUIREDIPNOTSUPPORTED, errno: errno)
    }

    /// The address could not be had this time.
    static func failed(_ errno: CInt) -> Failure {
        Failure(status: EAI_REQUIREDIPFAILED, errno: errno)
    }

    /// The call itself cannot be carried out: the caller's mistake, or no room for one more descriptor.
    static func system(_ errno: CInt) -> Failure {
        Failure(status: EAI_SYSTEM, errno: errno)
    }
}

extension Failure {
    /// What is no frame of this version of the protocol.
    init(_ error: FrameError) {
        switch error {
        case .unsupportedVersion: self = .notSupported(EPROTONOSUPPORT)
        case .wrongLength, .notOurs, .unknownOperation, .unknownEvent, .unknownStatus, .reservedBitsSet:
            self = .failed(EBADMSG)
        }
    }
}
