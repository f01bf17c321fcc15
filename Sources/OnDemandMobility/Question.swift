import Wire

/// One request, from the check of the socket to the answer.
struct Question {
    private let request: Request
    private let socket: Int32
    private let path: String
    private let deadline: Deadline

    /// - Throws: `system` with EBADF, ENOTSOCK, or EAFNOSUPPORT if it is not an IPv6 socket.
    init(
        _ operation: Request.Operation, _ type: ContinuityType? = nil, _ flags: RequestFlags = [],
        about socket: Int32, path: String, within duration: Duration?
    ) throws(MobilityError) {
        deadline = Deadline(within: duration)
        switch SystemCalls.isIPv6(socket) {
        case .success(true): break
        case .success(false): throw .system(ErrorNumber.notIPv6)
        case .failure(let error): throw .system(error.number)
        }
        request = Request(
            operation: operation, type: type?.rawValue ?? 0, flags: Request.Flags(rawValue: flags.rawValue))
        self.socket = socket
        self.path = path
    }

    /// Asks and waits for the answer.
    func ask() throws(MobilityError) -> AnsweredConnection {
        let connection = try Connection.open()
        var attempt = 0
        while try !connection.connect(to: path) {
            SystemCalls.sleep(milliseconds: try deadline.pauseMilliseconds(after: attempt))
            attempt += 1
        }
        try connection.send(request, about: socket)
        while true {
            if let answer = try connection.receiveAnswer(to: request.operation) {
                return AnsweredConnection(connection: connection, answer: answer)
            }
            try connection.waitUntilReadable(until: deadline)
        }
    }

    /// Asks, and suspends the task until the answer is there.
    func ask() async throws(MobilityError) -> AnsweredConnection {
        let connection = try Connection.open()
        var attempt = 0
        while try !connection.connect(to: path) {
            let pause = try deadline.pauseMilliseconds(after: attempt)
            do { try await Task.sleep(for: .milliseconds(pause)) } catch { throw .cancelled }
            attempt += 1
        }
        try connection.send(request, about: socket)
        while true {
            if let answer = try connection.receiveAnswer(to: request.operation) {
                return AnsweredConnection(connection: connection, answer: answer)
            }
            try await connection.becomesReadable(until: deadline)
        }
    }
}

/// A connection and the answer that it brought. It is closed with this, unless it goes on as a watch.
struct AnsweredConnection: ~Copyable {
    let connection: Connection
    let answer: SourceAddress
}

extension Connection {
    /// - Throws: ETIMEDOUT when the time is over.
    func waitUntilReadable(until deadline: Deadline) throws(MobilityError) {
        while !SystemCalls.readable([descriptor], milliseconds: deadline.pollMilliseconds)[0] {
            guard !deadline.isOver else { throw .timedOut }
        }
    }

    /// - Throws: ETIMEDOUT when the time is over, `cancelled`, and `system` if there is no room for a thread.
    func becomesReadable(until deadline: Deadline) async throws(MobilityError) {
        switch await ReadinessThread.shared.wait(for: descriptor, until: deadline) {
        case .readable: return
        case .timedOut: throw .timedOut
        case .cancelled: throw .cancelled
        case .impossible(let errno): throw .system(errno)
        }
    }
}
