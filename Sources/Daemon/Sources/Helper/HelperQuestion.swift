import Mobility

/// What a helper program is asked; as one line of JSON it is the program's standard input (docs/helper.md).
struct HelperQuestion: Equatable {
    static let version = 1

    enum Operation: String, Encodable {
        case acquire, renew, release
    }

    var operation: Operation
    var id: LeaseID
    /// Names the prefix to the program, from acquire to release; never used again, by no other daemon either.
    var identifier: String
    var source: String
    var type: ContinuityType
    var isOnNet: Bool
    /// The uplink, if one is asked for or was given.
    var interface: InterfaceName?
    /// Not of acquire, nor of a release after an acquire that ended in the dark.
    var prefix: IPv6Prefix?
    /// What the program gave with the prefix, to be told again.
    var token: String?
    /// After this the program is ended.
    var timeout: Duration

    /// One line, shorter than 4096 octets.
    var line: [UInt8] { Json.encode(self) + [UInt8(ascii: "\n")] }
}

extension HelperQuestion: Encodable {
    private enum Member: String, CodingKey {
        case version, operation, id, source, type, interface, prefix, token
        case onNet = "on_net"
        case timeoutSeconds = "timeout_seconds"
    }

    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Member.self)
        try members.encode(Self.version, forKey: .version)
        try members.encode(operation, forKey: .operation)
        try members.encode(identifier, forKey: .id)
        try members.encode(source, forKey: .source)
        try members.encode(type.description, forKey: .type)
        try members.encode(isOnNet, forKey: .onNet)
        try members.encodeIfPresent(interface?.description, forKey: .interface)
        try members.encodeIfPresent(prefix?.description, forKey: .prefix)
        try members.encodeIfPresent(token, forKey: .token)
        try members.encode(timeout.components.seconds, forKey: .timeoutSeconds)
    }
}
