/// A reply that is no error.
struct SuccessReply {
    private let message: [UInt8]

    /// - Throws: the `Failure` that an error reply stands for, or one that says that the message is no reply.
    init(message: [UInt8]) throws(Failure) {
        if try Json.decode(Kind.self, from: message).error != nil {
            throw try Json.decode(ErrorReply.self, from: message).failure
        }
        self.message = message
    }

    /// The parameters as a value of ours.
    func parameters<Parameters: Decodable>(as type: Parameters.Type) throws(Failure) -> Parameters {
        try Json.decode(Success<Parameters>.self, from: message).parameters
    }

    /// The parameters as they came.
    func json() throws(Failure) -> JsonValue {
        try Json.decode(Envelope.self, from: message).parameters ?? .object([:])
    }

    private struct Kind: Decodable {
        var error: String?
    }

    private struct Success<Parameters: Decodable>: Decodable {
        var parameters: Parameters
    }

    private struct Envelope: Decodable {
        var parameters: JsonValue?
    }
}
