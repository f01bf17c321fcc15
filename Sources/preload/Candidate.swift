import CPreload

/// A socket of the program, looked at to see whether its source address is still anybody's to choose.
struct Candidate {
    let descriptor: CInt
    /// SO_TYPE; nil if the descriptor is no socket.
    private let kind: CInt?

    /// What the program is about to do with it.
    enum Occasion {
        case connect
        /// It sends a datagram to an address.
        case datagram
        /// It connects and sends in one (MSG_FASTOPEN).
        case fastOpen
        /// It waits for others.
        case serve
    }

    init(_ descriptor: CInt) {
        self.descriptor = descriptor
        kind = Self.option(descriptor, SOL_SOCKET, SO_TYPE)
    }

    var isStream: Bool { kind == CInt(SOCK_STREAM.rawValue) }
    var isDatagram: Bool { kind == CInt(SOCK_DGRAM.rawValue) }

    /// Whether it is of a kind that gets an address, and can be bound to one, and the program has not said where its
    /// address is to come from.
    func isUndecided(for occasion: Occasion) -> Bool {
        isOfRightKind(for: occasion) && (isUnbound || passingPort != nil) && !hasPreferences
            && !hasAskedItself
    }

    private func isOfRightKind(for occasion: Occasion) -> Bool {
        switch occasion {
        case .connect, .serve: isStream || isDatagram
        case .datagram: isDatagram
        case .fastOpen: isStream
        }
    }

    /// A socket with a port cannot be bound any more, whatever its address.
    private var isUnbound: Bool {
        guard let name = localName else { return false }
        return name.sin6_port == 0 && name.sin6_addr.isWildcard
    }

    /// The port, in network byte order, that the kernel chose for a datagram socket which the program has bound to
    /// anything (as dig does): such a socket can be released and bound anew, unless it is tied to an interface, which
    /// would be forgotten. Nil for every other.
    var passingPort: in_port_t? {
        guard isDatagram, DescriptorSet.anyPort.contains(descriptor), let name = localName,
            name.sin6_port != 0, name.sin6_addr.isWildcard, option(SOL_SOCKET, SO_BINDTOIFINDEX) == 0
        else { return nil }
        return name.sin6_port
    }

    /// Nil if it is no IPv6 socket.
    private var localName: sockaddr_in6? {
        var name = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let result = unsafe withUnsafeMutablePointer(to: &name) { name in
            unsafe name.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                unsafe getsockname(descriptor, __SOCKADDR_ARG(__sockaddr__: name), &length)
            }
        }
        return result == 0 && name.sin6_family == sa_family_t(AF_INET6) ? name : nil
    }

    /// The flags of RFC 5014: the kernel reports these two for a socket that has set none. MPTCP sockets have none.
    private var hasPreferences: Bool {
        guard let preferences = option(CInt(IPPROTO_IPV6), IPV6_ADDR_PREFERENCES) else { return false }
        return preferences != CInt(IPV6_PREFER_SRC_PUBTMP_DEFAULT | IPV6_PREFER_SRC_HOME)
    }

    private var hasAskedItself: Bool {
        guard !MarkedSockets.isEmpty, let cookie = cookie(of: descriptor) else { return false }
        return MarkedSockets.contains(cookie)
    }

    /// An option that is an int; nil if the kernel does not tell.
    func option(_ level: CInt, _ name: CInt) -> CInt? { Self.option(descriptor, level, name) }

    private static func option(_ descriptor: CInt, _ level: CInt, _ name: CInt) -> CInt? {
        var value: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        let result = unsafe odm_kernel_getsockopt(descriptor, level, name, &value, &length)
        return result == 0 ? value : nil
    }
}
