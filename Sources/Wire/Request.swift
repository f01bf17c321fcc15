/// What a client asks: one frame of 16 octets, sent with the socket itself as SCM_RIGHTS.
///
///      0       1       2       3       4       5       6       7
///     +-------+-------+-------+-------+-------+-------+-------+-------+
///     |  'o'  |  'd'  |  'm'  |version|  op   | type  |     flags     |
///     +-------+-------+-------+-------+-------+-------+-------+-------+
///     |                      reserved, zero                           |
///     +-------+-------+-------+-------+-------+-------+-------+-------+
///
/// Integers of more than one octet are in network byte order.
public struct Request: Equatable, Sendable {
    /// Octets on the wire.
    public static let size = 16

    public enum Operation: UInt8, Sendable {
        /// Give this socket an address of a type.
        case setsc = 1
        /// Say what this socket was given last; `type` is zero.
        case getsc = 2
        /// Say the same, and from then on what becomes of the addresses that it has; `type` is zero.
        case watch = 3
    }

    public struct Flags: OptionSet, Equatable, Sendable {
        public let rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        /// IPV6_REQUIRE_SRC_ON_NET: a new address from a new prefix of the serving network.
        public static let onNet = Flags(rawValue: 1)
        /// Asked for a program that does not ask itself: not for a socket that was given an address already.
        public static let onBehalf = Flags(rawValue: 2)
        static let known: Flags = [.onNet, .onBehalf]
    }

    public var operation: Operation
    /// The continuity type in the numbers of draft-ietf-dmm-ondemand-mobility, three bits. Whether the value
    /// names a type is for the receiver to say; a frame can carry all eight.
    public var type: UInt8
    public var flags: Flags

    /// - Precondition: `type` fits in three bits.
    public init(operation: Operation, type: UInt8, flags: Flags = []) {
        precondition(type < 8, "a continuity type has three bits")
        self.operation = operation
        self.type = type
        self.flags = flags
    }

    /// Reads a frame, and refuses everything that is not exactly one.
    public init(decoding bytes: borrowing Span<UInt8>) throws(FrameError) {
        try checkHeader(bytes, size: Request.size)
        guard let operation = Operation(rawValue: bytes[4]) else { throw .unknownOperation }
        let flags = Flags(rawValue: integer(bytes, at: 6))
        guard bytes[5] < 8, flags.isSubset(of: .known), isZero(bytes, 8..<16) else {
            throw .reservedBitsSet
        }
        self.operation = operation
        self.type = bytes[5]
        self.flags = flags
    }

    /// Writes the frame's 16 octets.
    public func encode(into bytes: inout MutableSpan<UInt8>) {
        beginFrame(&bytes, size: Request.size)
        bytes[4] = operation.rawValue
        bytes[5] = type
        put(flags.rawValue, into: &bytes, at: 6)
    }
}
