import Posix

/// A connection to odmd's administration socket: sends a call, waits for its reply (varlink.org).
struct DaemonConnection: ~Copyable {
    /// A reply beyond this is not one of odmd: a million sockets need half of it.
    static let longestReply = 256 << 20
    /// Octets to read at a time.
    static let readSize = 64 << 10

    private let descriptor: Descriptor

    /// - Throws: `Failure` if odmd is not there.
    init(path: String) throws(Failure) {
        do throws(SystemError) {
            descriptor = try Descriptor.connected(to: path)
        } catch {
            throw Failure(connectingTo: path, error)
        }
    }

    /// Calls a method of org.odmd.Manager and returns its reply.
    ///
    /// - Throws: `Failure` for an error reply, and for anything that is no reply.
    func call(_ method: String, _ parameters: some Encodable) throws(Failure) -> SuccessReply {
        let call = MethodCall(method: "org.odmd.Manager." + method, parameters: parameters)
        do throws(SystemError) {
            try send(Json.encode(call) + [0])
        } catch {
            throw .hungUp
        }
        return try SuccessReply(message: try receive())
    }

    func call(_ method: String) throws(Failure) -> SuccessReply {
        try call(method, [String: String]())
    }

    /// Has odmd tell of events, and calls `body` with each reply, until that answers false or nobody reads our output
    /// any more.
    ///
    /// - Throws: `Failure` when odmd ends, for an error reply, and for anything that is no reply.
    func monitor(_ body: (SuccessReply) throws(Failure) -> Bool) throws(Failure) {
        do throws(SystemError) {
            let call = MethodCall(
                method: "org.odmd.Manager.Monitor", parameters: [String: String](), more: true)
            try send(Json.encode(call) + [0])
        } catch {
            throw .hungUp
        }
        var received: [UInt8] = []
        while descriptor.waitForInput() {
            guard case .octets? = try? descriptor.read(into: &received, limit: Self.readSize) else {
                throw .ended
            }
            while let end = received.firstIndex(of: 0) {
                guard try body(try SuccessReply(message: Array(received[..<end]))) else { return }
                received.removeSubrange(...end)
            }
            guard received.count <= Self.longestReply else { throw .surprise("a reply without an end") }
        }
    }

    private func send(_ octets: [UInt8]) throws(SystemError) {
        var sent = 0
        while sent < octets.count { sent += try descriptor.write(octets, from: sent) }
    }

    /// One message without its NUL.
    private func receive() throws(Failure) -> [UInt8] {
        var message: [UInt8] = []
        while message.last != 0 {
            let outcome: Descriptor.ReadOutcome
            do throws(SystemError) {
                outcome = try descriptor.read(into: &message, limit: Self.readSize)
            } catch {
                throw .hungUp
            }
            if case .octets = outcome {} else { throw message.isEmpty ? .hungUp : .surprise("half a reply") }
            guard message.count <= Self.longestReply else { throw .surprise("a reply without an end") }
        }
        return message.dropLast()
    }

    private struct MethodCall<Parameters: Encodable>: Encodable {
        var method: String
        var parameters: Parameters
        var more: Bool?
    }
}
