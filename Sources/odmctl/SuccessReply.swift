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

    /// The parameters as they came, and more members.
    func json(with more: [String: JsonValue]) throws(Failure) -> JsonValue {
        guard case .object(let members) = try json() else { throw .surprise("parameters that are no object") }
        return .object(members.merging(more) { $1 })
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
