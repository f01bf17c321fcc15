import ArgumentParser

struct Release: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give addresses back that are held, or remove those that nobody uses.",
        discussion: """
            An address that sockets use stays until the last of them is closed, but gets no new ones. \
            With several addresses each is tried; the exit code is that of the first failure.
            """)

    @Argument(help: "Addresses to release.")
    var addresses: [String] = []

    @Flag(help: "Release every address of odmd.")
    var all = false

    @OptionGroup var options: Options

    func validate() throws {
        if all == !addresses.isEmpty {
            throw ValidationError(all ? "--all goes without addresses" : "which address? Or --all")
        }
    }

    func run() throws {
        try Session.run(options) { (session) throws(Failure) in
            if all {
                let reply = try session.connection.call("ReleaseAll")
                try session.show(reply, as: ReleaseAllReply.self, \.text)
            } else {
                try release(session)
            }
        }
    }

    private func release(_ session: borrowing Session) throws(Failure) {
        var failures: [Failure] = []
        for address in addresses {
            do throws(Failure) {
                let reply = try session.connection.call("Release", ["address": address])
                try session.show(reply, as: ReleaseReply.self) { $0.text(address) }
            } catch {
                failures.append(Failure("\(address): \(error.message)", error.exitCode))
            }
        }
        guard let first = failures.first else { return }
        throw Failure(failures.map(\.message).joined(separator: "\n"), first.exitCode)
    }
}

/// What `Release` of the interface replies.
struct ReleaseReply: Decodable {
    var removed: Bool
    var sockets: Int

    func text(_ address: String) -> String {
        if removed { return "\(address) removed" }
        let users = sockets == 1 ? "the socket that uses it is" : "the \(sockets) sockets that use it are"
        return "\(address) goes when \(users) closed"
    }
}

/// What `ReleaseAll` of the interface replies.
struct ReleaseAllReply: Decodable {
    var removed: Int
    var leaving: Int

    var text: String {
        let removal = "\(removed) removed"
        return leaving == 0 ? removal : "\(removal), \(leaving) go when their sockets are closed"
    }
}
