import CLibc
import COdm

/// An address that a socket was given, and its type.
struct Answer {
    let address: in6_addr
    let type: sc_type
}

extension Reply {
    /// Reads a frame that should answer a request.
    ///
    /// - Throws: `notSupported` with EPROTONOSUPPORT for another version of the protocol, `failed` with EBADMSG for
    ///   everything else that is no answer to the operation.
    init(_ frame: borrowing Span<UInt8>, answering operation: Request.Operation) throws(Failure) {
        do {
            try self.init(decoding: frame)
        } catch {
            throw Failure(error)
        }
        // A daemon that could not read the request cannot say which operation it was.
        guard self.operation == operation.rawValue || (self.operation == 0 && status != .granted) else {
            throw .failed(EBADMSG)
        }
    }

    /// What was granted; throws what the refusal means for the caller.
    func answer() throws(Failure) -> Answer {
        guard (status == .granted) == (errno == 0), errno >= 0 else { throw .failed(EBADMSG) }
        switch status {
        case .granted: break
        case .notSupported: throw .notSupported(errno)
        case .failed: throw .failed(errno)
        case .callerError: throw .system(errno)
        }
        guard isType(type), addressHigh | addressLow != 0 else { throw .failed(EBADMSG) }
        return Answer(address: in6_addr(high: addressHigh, low: addressLow), type: type)
    }
}

/// Whether a number is one of the four types; the others are reserved.
func isType(_ type: sc_type) -> Bool {
    switch CInt(type) {
    case FIXED_IPV6_ADDRESS, SESSION_LASTING_IPV6_ADDRESS, NON_PERSISTENT_IPV6_ADDRESS,
        GRACEFUL_REPLACEMENT_IPV6_ADDRESS:
        true
    default: false
    }
}

extension in6_addr {
    /// An address from its halves, whose most significant octets come first.
    init(high: UInt64, low: UInt64) {
        self = unsafe unsafeBitCast((high.bigEndian, low.bigEndian), to: in6_addr.self)
    }
}
