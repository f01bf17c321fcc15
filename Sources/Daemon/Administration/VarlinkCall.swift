/// One method call (varlink.org, Method Call).
struct VarlinkCall {
    /// The fully-qualified name, such as org.varlink.service.GetInfo.
    let method: String
    /// The client wants no reply, not even an error, and takes the next reply for that of its next call.
    let isOneway: Bool
    /// The client takes several replies.
    let wantsMore: Bool
    /// The client wants the connection for another protocol after the reply.
    let wantsUpgrade: Bool
    private let message: [UInt8]

    /// Reads a message without its NUL; nil if it is not a call at all.
    ///
    /// Members with other names are extensions of vendors, which the specification tells us to tolerate.
    init?(_ message: [UInt8]) {
        guard let envelope = Json.decode(Envelope.self, from: message) else { return nil }
        method = envelope.method
        isOneway = envelope.oneway ?? false
        wantsMore = envelope.more ?? false
        wantsUpgrade = envelope.upgrade ?? false
        self.message = message
    }

    /// The interface part of the method name, or nil if the name has no dot.
    var interface: Substring? {
        method.lastIndex(of: ".").map { method[..<$0] }
    }

    /// The parameters, none of which has another name than `names`.
    ///
    /// - Throws: `InvalidParameter` with the first name that is not known, or with "parameters" for what is
    ///   no object.
    func parameters(named names: String...) throws(VarlinkError) -> VarlinkParameters {
        guard let outer = Json.decode(Outer.self, from: message) else {
            throw .invalidParameter("parameters")
        }
        let parameters = outer.parameters ?? VarlinkParameters()
        if let unknown = parameters.names.first(where: { !names.contains($0) }) {
            throw .invalidParameter(unknown)
        }
        return parameters
    }

    private struct Envelope: Decodable {
        var method: String
        var oneway: Bool?
        var more: Bool?
        var upgrade: Bool?
    }

    private struct Outer: Decodable {
        var parameters: VarlinkParameters?
    }
}
