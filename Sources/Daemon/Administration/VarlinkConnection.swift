/// One client's side of the protocol, without its socket: octets in, calls out; replies in, octets out.
///
/// Calls are taken one after the other: the next when the reply to the one before is sent. So a connection
/// holds one unfinished message, one call and one piece of a reply, whatever the client does. A call that is answered
/// by events is the last.
struct VarlinkConnection {
    /// Octets of a call. Our longest has some 200; the rest is room for white space and vendors'
    /// extensions.
    static let longestCall = 16 * 1024
    /// Octets to read at a time.
    static let readSize = 4096
    /// Octets of events that the client has not taken: as many as there are after a move of a host with hundreds of
    /// addresses, beside what the kernel holds.
    static let longestBacklog = 64 * 1024

    /// What the connection is about. While it stays equal nothing was finished, so the client's time runs.
    enum Activity: Equatable {
        /// Between messages.
        case idle
        /// The n-th message has begun to arrive.
        case receiving(Int)
        /// The n-th message is there and waits for its turn.
        case called(Int)
        /// The call was taken, and its reply is not known yet.
        case serving
        /// The n-th piece of output waits for the client to take it.
        case sending(Int)
        /// Nothing more will be taken or sent.
        case ended
    }

    /// Why a connection is given up: the client does not speak the protocol.
    enum Violation: Error {
        case tooLong
        case notACall
        case doesNotRead
    }

    private var input: [UInt8] = []
    /// Octets of `input` that were taken as calls, and those that were searched for a NUL.
    private var taken = 0
    private var searched = 0
    private var messages = 0
    private var inputHasEnded = false

    private var isServing = false
    /// The call is answered by events.
    private(set) var isMonitoring = false
    private var output: [UInt8] = []
    private var sent = 0
    private var pieces = 0
    private var list: ListReply?
    private var ifUndelivered: (() -> Void)?

    var activity: Activity {
        if sent < output.count { return .sending(pieces) }
        if isServing { return .serving }
        if hasWholeMessage { return .called(messages) }
        if inputHasEnded { return .ended }
        return taken < input.count ? .receiving(messages) : .idle
    }

    // MARK: Input

    /// Adds what was read.
    mutating func receive(_ octets: [UInt8]) {
        input.removeSubrange(..<taken)
        searched -= taken
        taken = 0
        input += octets
        search()
    }

    /// The client will send no more; what it sent is still answered.
    mutating func endInput() {
        inputHasEnded = true
    }

    /// True when another call waits whole in the buffer.
    var hasWholeMessage: Bool { searched < input.count && input[searched] == 0 }

    /// Takes the next call; nil if there is none yet, or the one before is not answered and sent.
    mutating func nextCall() throws(Violation) -> VarlinkCall? {
        guard !isServing, sent == output.count else { return nil }
        guard searched - taken <= Self.longestCall else { throw .tooLong }
        guard hasWholeMessage else { return nil }
        let call = VarlinkCall(Array(input[taken..<searched]))
        messages += 1
        searched += 1
        taken = searched
        search()
        guard let call else { throw .notACall }
        isServing = !call.isOneway
        return call
    }

    private mutating func search() {
        while searched < input.count, input[searched] != 0 { searched += 1 }
    }

    // MARK: Output

    /// Answers the call that was taken.
    mutating func reply(_ reply: VarlinkReply) {
        precondition(isServing && !isMonitoring, "a reply without a call")
        isServing = false
        ifUndelivered = reply.ifUndelivered
        switch reply.content {
        case .message(let message): begin(message)
        case .list(let list):
            self.list = list
            beginNextPiece()
        case .events:
            isServing = true
            isMonitoring = true
        }
    }

    /// Adds a message that tells of an event to what the client has not taken yet.
    mutating func tell(_ message: [UInt8]) throws(Violation) {
        precondition(isMonitoring, "events are for those who asked")
        guard output.count - sent + message.count <= Self.longestBacklog else { throw .doesNotRead }
        if sent == output.count { return begin(message) }
        output.removeFirst(sent)
        sent = 0
        output += message
    }

    /// Octets that wait to be sent, and where among them to begin.
    var unsent: (octets: [UInt8], offset: Int) { (output, sent) }

    /// The client took `count` of the octets.
    mutating func didSend(_ count: Int) {
        sent += count
        precondition(sent <= output.count, "more was sent than there was")
        if sent == output.count { beginNextPiece() }
    }

    /// The client is gone. Returns what is to be done about a reply that it did not get.
    mutating func abandon() -> (() -> Void)? {
        inputHasEnded = true
        return ifUndelivered.take()
    }

    private mutating func beginNextPiece() {
        if let piece = list?.nextPiece() { return begin(piece) }
        list = nil
        output = []
        sent = 0
        ifUndelivered = nil
    }

    private mutating func begin(_ piece: [UInt8]) {
        output = piece
        sent = 0
        pieces += 1
    }
}
