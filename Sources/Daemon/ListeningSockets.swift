import EventLoop
import Posix

/// The sockets that clients come to: those that the service manager has opened, or else our own.
struct ListeningSockets: ~Copyable {
    /// SOCK_SEQPACKET, for applications.
    private var setsc: LocalListener?
    /// SOCK_STREAM, for administrators.
    private var admin: LocalListener?
    private let directory: String

    /// A socket that is none of ours, or one too many.
    struct Stranger: Error, CustomStringConvertible {
        let number: Int32
        var description: String {
            "descriptor \(number) of the service manager: there is one Unix socket of type SOCK_SEQPACKET for setsc, and "
                + "one of type SOCK_STREAM for administration"
        }
    }

    /// - Parameters:
    ///   - passed: descriptors of the service manager.
    ///   - directory: for those that it did not pass.
    /// - Throws: `Stranger`, `SystemError`.
    init(passed: [Int32], directory: String) throws {
        self.directory = directory
        for number in passed {
            switch LocalListener.kind(of: number) {
            case .packets where setsc == nil:
                setsc = try .adopting(number, path: "\(directory)/setsc")
            case .stream where admin == nil:
                admin = try .adopting(number, path: "\(directory)/admin")
            case .packets, .stream, nil: throw Stranger(number: number)
            }
        }
    }

    /// - Throws: what making one says.
    mutating func takeSetsc() throws(SystemError) -> LocalListener {
        if let passed = setsc.take() { return passed }
        return try LocalListener.open("\(directory)/setsc", .packets, mode: 0o666)
    }

    /// Everybody may connect: everybody may read.
    ///
    /// - Throws: what making one says.
    mutating func takeAdmin() throws(SystemError) -> LocalListener {
        if let passed = admin.take() { return passed }
        return try LocalListener.open("\(directory)/admin", .stream, mode: 0o666)
    }
}
