/// Why octets are not a frame.
public enum FrameError: Error, Equatable, Sendable {
    /// Shorter or longer than the one length that the frame has.
    case wrongLength
    /// Does not begin with "odm".
    case notOurs
    /// A protocol version that this side does not speak.
    case unsupportedVersion
    /// An operation that this version does not know.
    case unknownOperation
    /// An event that this version does not know.
    case unknownEvent
    /// A status that this version does not know.
    case unknownStatus
    /// A bit that this version reserves is not zero.
    case reservedBitsSet
}
