/// What the daemon answers: one frame of 32 octets for each request.
///
///      0       1       2       3       4       5       6       7
///     +-------+-------+-------+-------+-------+-------+-------+-------+
///     |  'o'  |  'd'  |  'm'  |version|  op   | type  | status| zero  |
///     +-------+-------+-------+-------+-------+-------+-------+-------+
///     |             errno             |        reserved, zero         |
///     +-------+-------+-------+-------+-------+-------+-------+-------+
///     |                                                               |
///     +                  IPv6 address, network order                  +
///     |                                                               |
///     +-------+-------+-------+-------+-------+-------+-------+-------+
///
/// `op` is the request's operation with the high bit set, so that no reply can be taken for a request.
public struct Reply: Equatable, Sendable {
    /// Octets on the wire.
    public static let size = 32

    /// The outcome, in the terms of setsc(3).
    public enum Status: UInt8, Sendable {
        /// The address field holds the answer.
        case granted = 0
        /// EAI_REQUIREDIPNOTSUPPORTED: nothing here can give the type.
        case notSupported = 1
        /// EAI_REQUIREDIPFAILED: it could not be had this time.
        case failed = 2
        /// EAI_SYSTEM: the caller's mistake, named by errno.
        case callerError = 3
    }

    /// Octet 4 of the request that this answers; zero if the request had none that could be read.
    public var operation: UInt8
    /// The continuity type of the address, zero unless granted.
    public var type: UInt8
    public var status: Status
    /// Why not, as a Linux errno; zero if granted.
    public var errno: Int32
    /// The address in network order as two halves; zero unless granted.
    public var addressHigh: UInt64
    public var addressLow: UInt64

    public init(
        operation: UInt8, type: UInt8 = 0, status: Status, errno: Int32 = 0,
        addressHigh: UInt64 = 0, addressLow: UInt64 = 0
    ) {
        precondition(type < 8 && operation < 0x80)
        self.operation = operation
        self.type = type
        self.status = status
        self.errno = errno
        self.addressHigh = addressHigh
        self.addressLow = addressLow
    }

    /// Reads a frame, and refuses everything that is not exactly one.
    public init(decoding bytes: borrowing Span<UInt8>) throws(FrameError) {
        try checkHeader(bytes, size: Reply.size)
        guard bytes[4] >= 0x80 else { throw .unknownOperation }
        guard let status = Status(rawValue: bytes[6]) else { throw .unknownStatus }
        guard bytes[5] < 8, bytes[7] == 0, isZero(bytes, 12..<16) else { throw .reservedBitsSet }
        self.operation = bytes[4] & 0x7f
        self.type = bytes[5]
        self.status = status
        self.errno = integer(bytes, at: 8)
        self.addressHigh = integer(bytes, at: 16)
        self.addressLow = integer(bytes, at: 24)
    }

    /// Writes the frame's 32 octets.
    public func encode(into bytes: inout MutableSpan<UInt8>) {
        beginFrame(&bytes, size: Reply.size)
        bytes[4] = operation | 0x80
        bytes[5] = type
        bytes[6] = status.rawValue
        put(errno, into: &bytes, at: 8)
        put(addressHigh, into: &bytes, at: 16)
        put(addressLow, into: &bytes, at: 24)
    }
}
