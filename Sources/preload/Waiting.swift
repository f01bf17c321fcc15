import CPreload
import Synchronization

/// How a call waits for the daemon's answer, which is there within microseconds unless the network has to be asked: as the
/// socket's own calls would wait.
enum Waiting {
    /// The socket does not block: for so many milliseconds at most, because the program would otherwise go without.
    case briefly(CInt)
    /// It blocks: as long as connect(2), which SO_SNDTIMEO may limit, and until a signal would end that.
    case asConnect(limit: timeval?)
    /// Whatever comes, as calls do that signals do not end.
    case untilAnswered

    init(for socket: Candidate, on occasion: Candidate.Occasion) {
        if odm_status_flags(socket.descriptor) & O_NONBLOCK != 0 {
            self = .briefly(Self.isDisappointed ? Self.afterDisappointment : Self.first)
        } else if occasion == .connect, socket.isStream {
            self = .asConnect(limit: Self.sendTimeout(of: socket.descriptor))
        } else {
            self = .untilAnswered
        }
    }

    /// What the connection to the daemon does: a brief wait does not even wait for a daemon that takes no connections.
    var connection: Connection.Blocking {
        switch self {
        case .briefly: .doesNotBlock
        case .asConnect, .untilAnswered: .blocks
        }
    }

    /// Receives the answer to a request.
    ///
    /// - Throws: ETIMEDOUT if it takes too long, EINTR if a signal was handled that ends connect(2): the kernel tells recv(2)
    ///   of that by the same rules, SA_RESTART among them.
    func answer(from connection: borrowing Connection) throws(Failure) -> in6_addr {
        switch self {
        case .briefly(let milliseconds):
            try Self.wait(for: connection.descriptor, milliseconds)
            return try connection.receive(.setsc).answer().address
        case .asConnect(let limit):
            if let limit { odm_limit_receiving(connection.descriptor, limit) }
            return try connection.receive(.setsc, .asDescriptorUntilSignal).answer().address
        case .untilAnswered: return try connection.receive(.setsc).answer().address
        }
    }

    private static func wait(for connection: CInt, _ milliseconds: CInt) throws(Failure) {
        var waited = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
        while true {
            let count = unsafe poll(&waited, 1, milliseconds)
            if count > 0 { return }
            guard count < 0, odm_errno() == EINTR else { break }
        }
        rememberDisappointment()
        throw .failed(ETIMEDOUT)
    }

    /// SO_SNDTIMEO; nil if there is none.
    private static func sendTimeout(of descriptor: CInt) -> timeval? {
        var time = timeval()
        var length = socklen_t(MemoryLayout<timeval>.size)
        let result = unsafe odm_kernel_getsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, &length)
        return result == 0 && (time.tv_sec, time.tv_usec) != (0, 0) ? time : nil
    }

    // MARK: Disappointment

    /// Milliseconds. What a program that waits for events can bear, once in a while.
    private static let first: CInt = 100
    /// After that was in vain it waits so much only, for a second.
    private static let afterDisappointment: CInt = 1
    private static let disappointmentLasts: UInt64 = 1000

    private static var isDisappointed: Bool {
        let end = unsafe sharedWord(ODM_WORD_IMPATIENT_UNTIL).pointee.load(ordering: .relaxed)
        return end != 0 && odm_now_milliseconds() < end
    }

    private static func rememberDisappointment() {
        let end = odm_now_milliseconds() + disappointmentLasts
        unsafe sharedWord(ODM_WORD_IMPATIENT_UNTIL).pointee.store(end, ordering: .relaxed)
    }
}
