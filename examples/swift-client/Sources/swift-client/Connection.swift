import Glibc

/// A TCP socket for IPv6, as a program without a networking library has one.
struct Connection: ~Copyable {
    let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)

    deinit { close(descriptor) }

    /// Tries the IPv6 addresses of a host in turn.
    func connect(to host: String, port: String) -> Bool {
        var wanted = addrinfo()
        wanted.ai_family = AF_INET6
        wanted.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, port, &wanted, &found) == 0 else { return false }
        defer { freeaddrinfo(found) }
        return sequence(first: found, next: { $0?.pointee.ai_next }).contains { address in
            guard let address = address?.pointee else { return false }
            return Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0
        }
    }

    var localAddress: String {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        return withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard getsockname(descriptor, address, &length) == 0,
                    getnameinfo(address, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
                else { return "nowhere" }
                return text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
            }
        }
    }
}
