/// What becomes of an address that a watched socket has: one frame of 48 octets for each event, after the reply.
///
///      0       1       2       3       4       5       6       7
///     +-------+-------+-------+-------+-------+-------+-------+-------+
///     |  'o'  |  'd'  |  'm'  |version| what  | type  |     zero      |
///     +-------+-------+-------+-------+-------+-------+-------+-------+
///     |         milliseconds          |        reserved, zero         |
///     +-------+-------+-------+-------+-------+-------+-------+-------+
///     |                                                               |
///     +                  IPv6 address, network order                  +
///     |                                                               |
///     +-------+-------+-------+-------+-------+-------+-------+-------+
///     |                                                               |
///     +           replacement, network order; zero if none            +
///     |                                                               |
///     +-------+-------+-------+-------+-------+-------+-------+-------+
///
/// It is told from a reply by its length, and by octet 4, which has no high bit.
public struct Event: Equatable, Sendable {
    /// Octets on the wire.
    public static let size = 48
    /// `milliseconds` of an address that does not end.
    public static let noEnd = UInt32.max

    public enum What: UInt8, Sendable, CaseIterable {
        /// No new socket gets the address.
        case deprecated = 1
        /// The same, and the replacement can be bound.
        case replaced = 2
        /// The address works no more.
        case removed = 3
        /// What was deprecated is as good as before.
        case restored = 4
    }

    public var what: What
    /// The continuity type of the address, three bits.
    public var type: UInt8
    /// Until the address ends, from when the frame was sent.
    public var milliseconds: UInt32
    /// The address in network order as two halves.
    public var addressHigh: UInt64
    public var addressLow: UInt64
    /// The address that new sockets get instead; zero if it is not known, or if there is none.
    public var replacementHigh: UInt64
    public var replacementLow: UInt64

    /// - Precondition: `type` fits in three bits.
    public init(
        _ what: What, type: UInt8, milliseconds: UInt32 = noEnd, addressHigh: UInt64, addressLow: UInt64,
        replacementHigh: UInt64 = 0, replacementLow: UInt64 = 0
    ) {
        precondition(type < 8, "a continuity type has three bits")
        self.what = what
        self.type = type
        self.milliseconds = milliseconds
        self.addressHigh = addressHigh
        self.addressLow = addressLow
        self.replacementHigh = replacementHigh
        self.replacementLow = replacementLow
    }

    /// Reads a frame, and refuses everything that is not exactly one.
    public init(decoding bytes: borrowing Span<UInt8>) throws(FrameError) {
        try checkHeader(bytes, size: Event.size)
        guard let what = What(rawValue: bytes[4]) else { throw .unknownEvent }
        guard bytes[5] < 8, isZero(bytes, 6..<8), isZero(bytes, 12..<16) else { throw .reservedBitsSet }
        self.what = what
        self.type = bytes[5]
        self.milliseconds = integer(bytes, at: 8)
        self.addressHigh = integer(bytes, at: 16)
        self.addressLow = integer(bytes, at: 24)
        self.replacementHigh = integer(bytes, at: 32)
        self.replacementLow = integer(bytes, at: 40)
    }

    /// Writes the frame's 48 octets.
    public func encode(into bytes: inout MutableSpan<UInt8>) {
        beginFrame(&bytes, size: Event.size)
        bytes[4] = what.rawValue
        bytes[5] = type
        put(milliseconds, into: &bytes, at: 8)
        put(addressHigh, into: &bytes, at: 16)
        put(addressLow, into: &bytes, at: 24)
        put(replacementHigh, into: &bytes, at: 32)
        put(replacementLow, into: &bytes, at: 40)
    }
}
