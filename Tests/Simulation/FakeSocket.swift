import Mobility

/// A socket of an application, and what it relies on.
struct FakeSocket {
    /// Also its inode.
    let cookie: SocketCookie
    let user: UInt32
    /// The kernel tells of its death.
    let isAnnounced: Bool
    /// The kernel names it when it lists sockets, once it is bound.
    let isListed: Bool
    /// Places of the process that made it and of the one that has it open now.
    let maker: Int
    var holder: Int
    var isOpen = true
    var bound: IPv6Address?
    /// What it is bound to was taken away while nobody was there, and no record says that it was ours.
    var isAdrift = false
    /// What setsc() has answered.
    var given: [IPv6Address] = []
    /// What it was given and the record was lost of: nobody can know of that but the kernel, if it is bound.
    var forgotten: [IPv6Address] = []
    /// Until then it is to bind to what was forgotten.
    var protectedUntil: Instant?
}

struct FakeProcess {
    var isThere = true
    /// Its descriptors may be looked at.
    var isReadable = true

    /// Places are numbered from zero, processes are not.
    static func number(at place: Int) -> Int32 { Int32(place) + 100 }
    static func place(of number: Int32) -> Int { Int(number) - 100 }
}
