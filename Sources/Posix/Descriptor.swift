import CLibc

/// An open file descriptor with one owner, closed when the owner goes.
public struct Descriptor: ~Copyable {
    /// The number, for watching; it is valid as long as this value lives.
    public let number: Int32

    /// Takes over an open descriptor.
    public init(adopting number: Int32) {
        precondition(number >= 0, "not a descriptor")
        self.number = number
    }

    /// One that always has something to read, to be woken by as long as it is watched (eventfd).
    public static func alwaysReady() throws(SystemError) -> Descriptor {
        Descriptor(adopting: try check("eventfd") { eventfd(1, Int32(EFD_CLOEXEC)) })
    }

    deinit { close(number) }
}
