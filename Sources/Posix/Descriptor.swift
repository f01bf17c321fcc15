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

    deinit { close(number) }
}
