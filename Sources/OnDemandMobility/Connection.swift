import Wire

/// A connection to the daemon: one request and its answer, or a watch. No call of it waits; to let it go cancels what
/// is not answered.
struct Connection: ~Copyable, Sendable {
    /// Never waits (SOCK_NONBLOCK).
    let descriptor: Int32

    private init(adopting descriptor: Int32) { self.descriptor = descriptor }

    deinit { SystemCalls.close(descriptor) }

    static func open() throws(MobilityError) -> Connection {
        switch SystemCalls.localPacketSocket() {
        case .success(let descriptor): return Connection(adopting: descriptor)
        case .failure(let error): throw .system(error.number)
        }
    }

    /// Whether it is connected; if not, the daemon's queue is full.
    ///
    /// - Throws: `notSupported` if there is no daemon that this process can reach.
    func connect(to path: String) throws(MobilityError) -> Bool {
        switch SystemCalls.connect(descriptor, to: path) {
        case 0: return true
        case ErrorNumber.tryAgain: return false
        case let errno where ErrorNumber.lackOfMemory.contains(errno): throw .system(errno)
        case let errno: throw .notSupported(errno)
        }
    }

    /// Sends a request, and the socket that it is about with it.
    func send(_ request: Request, about socket: Int32) throws(MobilityError) {
        var frame = InlineArray<16, UInt8>(repeating: 0)
        var octets = frame.mutableSpan
        request.encode(into: &octets)
        switch SystemCalls.send(frame, with: socket, to: descriptor) {
        // A daemon that is too busy may answer and close before it has read anything. The answer can still be read; if
        // there is none, that is noticed there too.
        case 0, ErrorNumber.brokenPipe, ErrorNumber.connectionReset: return
        case ErrorNumber.badDescriptor: throw .system(ErrorNumber.badDescriptor)
        case let errno: throw .failed(errno)
        }
    }

    /// What was granted, or nil if there is no answer yet.
    ///
    /// - Throws: what the refusal means; ECONNRESET if the daemon ended first, EBADMSG if what came is no answer to
    ///   such a request.
    func receiveAnswer(to operation: Request.Operation) throws(MobilityError) -> SourceAddress? {
        guard let packet = try receive() else { return nil }
        guard packet.length > 0 else { throw .failed(ErrorNumber.connectionReset) }
        return try SourceAddress(packet, answering: operation)
    }

    /// What a watch brought.
    enum Told {
        case event(AddressEvent)
        case nothingYet
        /// The daemon has ended the watch.
        case end
    }

    /// - Throws: EBADMSG if what came is no event.
    func receiveEvent() throws(MobilityError) -> Told {
        do {
            guard let packet = try receive() else { return .nothingYet }
            return packet.length > 0 ? .event(try AddressEvent(packet)) : .end
        } catch  where error.errno == ErrorNumber.connectionReset {
            return .end
        }
    }

    /// One packet, or nil if there is none yet.
    private func receive() throws(MobilityError) -> Packet? {
        switch SystemCalls.receive(from: descriptor) {
        case .success(let packet): return packet
        case .failure(let error) where error.number == ErrorNumber.tryAgain: return nil
        case .failure(let error) where error.number == ErrorNumber.connectionReset:
            throw .failed(error.number)
        case .failure(let error): throw .system(error.number)
        }
    }
}
