import ArgumentParser
import Posix

struct Release: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give addresses back that are held, or remove those that nobody uses.",
        discussion: """
            An address that sockets use stays until the last of them is closed, but gets no new ones. The end of \
            an address will do, as 8a3f or ::8a3f, if no other address of odmd ends so. With several addresses \
            each is tried; the exit code is that of the first failure.
            """)

    @Argument(
        help: ArgumentHelp("Addresses to release, or their ends.", valueName: "address"),
        completion: Candidates.addresses, transform: AddressEnding.init)
    var addresses: [AddressEnding] = []

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
                try releaseEach(session)
            }
        }
    }

    private func releaseEach(_ session: borrowing Session) throws(Failure) {
        let known = addresses.allSatisfy(\.isWhole) ? [] : try Self.known(session)
        var failures: [Failure] = []
        for address in addresses {
            do throws(Failure) {
                try Self.release(try address.resolved(among: known), session)
            } catch {
                failures.append(Failure("\(address.text): \(error.message)", error.exitCode))
            }
        }
        guard let first = failures.first else { return }
        throw Failure(failures.map(\.message).joined(separator: "\n"), first.exitCode)
    }

    private static func known(_ session: borrowing Session) throws(Failure) -> [String] {
        try session.connection.call("ListAddresses").list(AddressesReply.self).rows.map(\.address)
    }

    private static func release(_ address: String, _ session: borrowing Session) throws(Failure) {
        let reply = try session.connection.call("Release", ["address": address])
        if session.printsJson {
            Process.print(Json.line(try reply.json(with: ["address": .string(address)])))
        } else {
            try session.show(reply, as: ReleaseReply.self) { $0.text(address) }
        }
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
