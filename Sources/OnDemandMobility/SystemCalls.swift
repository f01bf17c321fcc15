import Glibc

/// The client's only door to libc: numbers and octets outside, pointers inside. A system call that a signal interrupts
/// is made again.
enum SystemCalls {
    /// An errno.
    struct Failure: Error {
        let number: Int32
    }

    // MARK: Words

    /// strerror(3).
    static func text(ofError number: Int32) -> String {
        guard let text = unsafe strerror(number) else { return "error \(number)" }
        return unsafe String(cString: text)
    }

    /// inet_ntop(3) of 16 octets.
    static func text(ofAddress octets: [UInt8]) -> String {
        precondition(octets.count == 16, "not an IPv6 address")
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { room in
            guard
                let text = unsafe inet_ntop(AF_INET6, octets, room.baseAddress, socklen_t(room.count))
            else { preconditionFailure("there is room for every address") }
            return unsafe String(cString: text)
        }
    }

    /// The value of an environment variable; nil if it is not set, or if the effective user or group is not the real
    /// one (secure_getenv(3) would be better, which Swift sees only with _GNU_SOURCE).
    static func trustedEnvironment(_ name: String) -> String? {
        guard geteuid() == getuid(), getegid() == getgid(),
            let value = unsafe getenv(name)
        else { return nil }
        return unsafe String(cString: value)
    }

    // MARK: Sockets

    static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

    /// An unconnected SOCK_SEQPACKET socket that never waits.
    static func localPacketSocket() -> Result<Int32, Failure> {
        let type = SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        return result { socket(AF_UNIX, Int32(type), 0) }
    }

    /// SO_DOMAIN is AF_INET6; fails with EBADF or ENOTSOCK.
    static func isIPv6(_ descriptor: Int32) -> Result<Bool, Failure> {
        var domain: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return result { unsafe getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &length) }
            .map { _ in domain == AF_INET6 }
    }

    /// connect(2) to a path, which has at most 107 octets; returns the errno.
    static func connect(_ descriptor: Int32, to path: String) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let octets = Array(path.utf8)
        guard octets.count < MemoryLayout.size(ofValue: address.sun_path) else { return ENAMETOOLONG }
        guard !octets.contains(0) else { return ENOENT }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: octets) }
        return unsafe withSocketAddress(&address) { unsafe Glibc.connect(descriptor, $0, $1) }
    }

    /// bind(2) to 16 octets of address and a port; returns the errno.
    static func bind(_ descriptor: Int32, to octets: [UInt8], port: UInt16) -> Int32 {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        unsafe withUnsafeMutableBytes(of: &address.sin6_addr) { unsafe $0.copyBytes(from: octets) }
        return unsafe withSocketAddress(&address) { unsafe Glibc.bind(descriptor, $0, $1) }
    }

    private static func withSocketAddress<Address>(
        _ address: inout Address, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        let size = socklen_t(MemoryLayout<Address>.size)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                errnoOf { unsafe Int(call(pointer, size)) }
            }
        }
    }

    // MARK: Packets

    /// SCM_RIGHTS with one descriptor.
    private struct PassedDescriptor {
        /// CMSG_LEN of one descriptor, which is a macro.
        static let size = MemoryLayout<cmsghdr>.size + MemoryLayout<Int32>.size

        private var header = cmsghdr()
        private let descriptor: Int32

        init(_ descriptor: Int32) {
            header.cmsg_len = PassedDescriptor.size
            header.cmsg_level = SOL_SOCKET
            header.cmsg_type = Int32(SCM_RIGHTS)
            self.descriptor = descriptor
        }
    }

    /// Sends a frame and a descriptor with it (sendmsg(2)); returns the errno.
    static func send(_ frame: InlineArray<16, UInt8>, with passed: Int32, to descriptor: Int32) -> Int32 {
        var frame = frame
        var passed = PassedDescriptor(passed)
        return unsafe withUnsafeMutableBytes(of: &frame) { frame in
            unsafe withUnsafeMutableBytes(of: &passed) { passed in
                var part = unsafe iovec(iov_base: frame.baseAddress, iov_len: frame.count)
                return unsafe withUnsafeMutablePointer(to: &part) { part in
                    var message = unsafe msghdr()
                    unsafe message.msg_iov = part
                    unsafe message.msg_iovlen = 1
                    unsafe message.msg_control = passed.baseAddress
                    unsafe message.msg_controllen = PassedDescriptor.size
                    return errnoOf { unsafe sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL)) }
                }
            }
        }
    }

    /// Receives one packet (recv(2)), of no octets when the other side has closed; fails with EAGAIN if there is none
    /// yet.
    static func receive(from descriptor: Int32) -> Result<Packet, Failure> {
        switch receiveOnce(from: descriptor) {
        // Reported once, before an answer that the daemon gave without reading the request.
        case .failure(let error) where error.number == ECONNRESET: receiveOnce(from: descriptor)
        case let outcome: outcome
        }
    }

    private static func receiveOnce(from descriptor: Int32) -> Result<Packet, Failure> {
        var packet = Packet()
        let outcome = unsafe withUnsafeMutableBytes(of: &packet.octets) { room in
            // MSG_TRUNC makes recv return the length that was sent, so an octet too many does not go unseen.
            result { unsafe recv(descriptor, room.baseAddress, room.count, Int32(MSG_TRUNC)) }
        }
        return outcome.map { length in
            packet.length = length
            return packet
        }
    }

    // MARK: Waiting

    /// Waits until one of some descriptors is readable or at its end, and says which are (poll(2)); none after a signal
    /// or the time. -1 milliseconds are without end.
    static func readable(_ descriptors: [Int32], milliseconds: Int32) -> [Bool] {
        var watched = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard unsafe poll(&watched, nfds_t(watched.count), milliseconds) > 0 else {
            return descriptors.map { _ in false }
        }
        return watched.map { $0.revents != 0 }
    }

    /// Keeps the thread waiting; shorter if a signal comes.
    static func sleep(milliseconds: Int32) { _ = poll(nil, 0, milliseconds) }

    /// Two ends (socketpair(2)): the first is readable from `raise` of the second to `silence`.
    static func alarm() -> Result<(watched: Int32, raised: Int32), Failure> {
        var ends: (Int32, Int32) = (-1, -1)
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let outcome = unsafe withUnsafeMutableBytes(of: &ends) { ends in
            let first = unsafe ends.baseAddress?.assumingMemoryBound(to: Int32.self)
            return result { unsafe socketpair(AF_UNIX, type, 0, first) }
        }
        return outcome.map { _ in (watched: ends.0, raised: ends.1) }
    }

    /// If it is not taken because too many are there, the alarm is raised already.
    static func raise(_ raised: Int32) {
        var octet: UInt8 = 1
        unsafe Glibc.send(raised, &octet, 1, Int32(MSG_NOSIGNAL))
    }

    /// If something is left, the alarm stays raised, and is silenced next time.
    static func silence(_ watched: Int32) {
        var room: UInt64 = 0
        unsafe recv(watched, &room, MemoryLayout<UInt64>.size, 0)
    }

    /// Starts a thread that no signal is delivered to; returns the errno.
    static func startThread(_ body: @escaping @Sendable () -> Void) -> Int32 {
        var all = sigset_t()
        var before = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        let context = unsafe Unmanaged.passRetained(ThreadBody(body)).toOpaque()
        var thread = pthread_t()
        let errno = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                let body = unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue()
                body.run()
                return nil
            }, context)
        if errno != 0 {
            unsafe Unmanaged<ThreadBody>.fromOpaque(context).release()
        } else {
            pthread_detach(thread)
        }
        return errno
    }

    private final class ThreadBody: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    // MARK: Errors

    /// Makes a system call that answers -1 and errno until it is not interrupted.
    private static func result<Number: SignedInteger>(_ call: () -> Number) -> Result<Number, Failure> {
        while true {
            let result = call()
            guard result == -1 else { return .success(result) }
            let number = errno
            if number != EINTR { return .failure(Failure(number: number)) }
        }
    }

    private static func errnoOf(_ call: () -> Int) -> Int32 {
        switch result(call) {
        case .success: 0
        case .failure(let error): error.number
        }
    }
}

/// The errno values that are told apart.
enum ErrorNumber {
    static let tryAgain = EAGAIN
    static let lackOfMemory = [ENOMEM, ENOBUFS]
    static let brokenPipe = EPIPE
    static let connectionReset = ECONNRESET
    static let badDescriptor = EBADF
    static let badMessage = EBADMSG
    static let protocolNotSupported = EPROTONOSUPPORT
    static let notIPv6 = EAFNOSUPPORT
    static let timedOut = ETIMEDOUT
    static let cancelled = ECANCELED
}
