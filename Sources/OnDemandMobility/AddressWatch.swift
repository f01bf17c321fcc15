/// The events of the addresses of a socket, as an AsyncSequence; it ends when the last reference to it goes.
///
///     for try await event in try await client.watch(socket) { … }
///
/// The sequence is over when the daemon has ended the watch: because the socket is closed, because the daemon ends, or
/// because some hundred events were not taken. If the socket is still open, watch it again, and nothing that matters
/// is missed. Each event is told once: two loops over one watch share them.
public final class AddressWatch: AsyncSequence, Sendable {
    /// The address that the socket was given last when the watch began, and its type.
    public let source: SourceAddress
    private let connection: Connection

    init(_ answered: consuming AnsweredConnection) {
        source = answered.answer
        connection = answered.connection
    }

    /// Waits for the next event, and keeps the thread waiting meanwhile; nil when the daemon has ended the watch.
    ///
    /// - Parameter duration: how long to wait at most; nil: without end.
    /// - Throws: `failed` with ETIMEDOUT when there was none in time, and with EBADMSG for what is no event.
    public func nextEvent(within duration: Duration? = nil) throws(MobilityError) -> AddressEvent? {
        let deadline = Deadline(within: duration)
        while true {
            switch try connection.receiveEvent() {
            case .event(let event): return event
            case .end: return nil
            case .nothingYet: try connection.waitUntilReadable(until: deadline)
            }
        }
    }

    /// Suspends the task until the next event.
    ///
    /// - Throws: what the call that waits does, and `cancelled`. The watch goes on.
    public func nextEvent(within duration: Duration? = nil) async throws(MobilityError) -> AddressEvent? {
        let deadline = Deadline(within: duration)
        while true {
            switch try connection.receiveEvent() {
            case .event(let event): return event
            case .end: return nil
            case .nothingYet: try await connection.becomesReadable(until: deadline)
            }
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(watch: self) }

    public struct AsyncIterator: AsyncIteratorProtocol {
        let watch: AddressWatch

        /// - Throws: `failed` with EBADMSG for what is no event, and `cancelled`.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(MobilityError) -> AddressEvent? {
            try await watch.nextEvent()
        }
    }
}
