/// The reply to one call.
struct VarlinkReply {
    enum Content {
        /// The whole message with its NUL.
        case message([UInt8])
        /// A message that is made piece by piece.
        case list(ListReply)
        /// Nothing for now: a message comes with each event, as long as the client stays.
        case events
    }

    let content: Content
    /// Called if the client goes before it was sent all of the reply.
    var ifUndelivered: (() -> Void)?

    /// A success without parameters.
    init() {
        self.init(NoParameters())
    }

    init(_ parameters: some Encodable) {
        content = .message(Json.encode(Success(parameters: parameters)) + [0])
    }

    init(error: VarlinkError) {
        content = .message(Json.encode(Failure(error: error.name, parameters: error)) + [0])
    }

    init(list: ListReply) {
        content = .list(list)
    }

    private init(_ content: Content) { self.content = content }

    /// The promise of replies to come.
    static var events: VarlinkReply { VarlinkReply(.events) }

    /// One of those replies, as a whole message; another will follow (`continues`).
    static func message(of event: EventRow) -> [UInt8] {
        Json.encode(Continuing(parameters: ["event": event])) + [0]
    }

    private struct NoParameters: Encodable {}

    private struct Success<Parameters: Encodable>: Encodable {
        var parameters: Parameters
    }

    private struct Continuing<Parameters: Encodable>: Encodable {
        var continues = true
        var parameters: Parameters
    }

    private struct Failure: Encodable {
        var error: String
        var parameters: VarlinkError
    }
}
