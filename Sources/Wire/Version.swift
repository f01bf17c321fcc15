/// The first four octets of every frame: "odm" and the version of the protocol.
///
/// A frame with another version is refused as a whole: fields are never guessed at.
public enum Version {
    public static let current: UInt8 = 1
    static let signature: (UInt8, UInt8, UInt8) = (0x6f, 0x64, 0x6d)
}
