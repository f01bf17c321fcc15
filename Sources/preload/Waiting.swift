import CPreload
import Synchronization

/// How long a call waits for the daemon's answer, which is there within microseconds unless the network has to be asked.
struct Waiting {
    /// What every call waits, of a program that waits for events as well: it would otherwise go without.
    private static let first: Duration = 100
    /// After it was in vain for a socket that does not block, so much is waited at first for a while.
    private static let afterDisappointment: Duration = 1
    private static let disappointmentLasts: Duration = 1000

    /// Milliseconds; -1 is for ever, as for poll(2).
    private typealias Duration = CInt

    let socket: Candidate
    /// A signal ends the waiting, as it ends connect(2).
    let endsWithSignal: Bool

    /// Waits until an answer can be received.
    ///
    /// - Throws: ETIMEDOUT if it takes longer than the socket's calls may wait, EINTR if a signal was handled.
    func wait(for connection: CInt) throws(Failure) {
        if try isReadable(connection, within: Self.isDisappointed ? Self.afterDisappointment : Self.first) {
            return
        }
        guard !isNonBlocking else {
            Self.remember()
            throw .failed(ETIMEDOUT)
        }
        guard try isReadable(connection, within: sendTimeout) else { throw .failed(ETIMEDOUT) }
    }

    private func isReadable(_ connection: CInt, within limit: Duration) throws(Failure) -> Bool {
        var waited = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
        while true {
            let count = unsafe poll(&waited, 1, limit)
            if count >= 0 { return count > 0 }
            guard odm_errno() == EINTR, !endsWithSignal else { throw .system(odm_errno()) }
        }
    }

    private var isNonBlocking: Bool { odm_status_flags(socket.descriptor) & O_NONBLOCK != 0 }

    /// SO_SNDTIMEO, which limits connect(2) as well.
    private var sendTimeout: Duration {
        var time = timeval()
        var length = socklen_t(MemoryLayout<timeval>.size)
        let result = unsafe odm_kernel_getsockopt(
            socket.descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, &length)
        let milliseconds = time.tv_sec * 1000 + time.tv_usec / 1000
        return result == 0 && milliseconds > 0 ? Duration(clamping: milliseconds) : -1
    }

    // MARK: Disappointment

    private static var isDisappointed: Bool {
        let end = unsafe sharedWord(ODM_WORD_IMPATIENT_UNTIL).pointee.load(ordering: .relaxed)
        return end != 0 && odm_now_milliseconds() < end
    }

    private static func remember() {
        let end = odm_now_milliseconds() + UInt64(disappointmentLasts)
        unsafe sharedWord(ODM_WORD_IMPATIENT_UNTIL).pointee.store(end, ordering: .relaxed)
    }
}
