// swift-client HOST PORT [TYPE] - connects from an address of a type, and says what becomes of it.
//
// TYPE is fixed, sessionLasting, nonPersistent or gracefulReplacement; without it, sessionLasting.
// Where there is no such address it says why, and connects as any program would.

import Glibc
import OnDemandMobility

@main
struct SwiftClient {
    static func main() async {
        let arguments = CommandLine.arguments + (CommandLine.arguments.count == 3 ? ["sessionLasting"] : [])
        guard arguments.count == 4,
            let type = ContinuityType.allCases.first(where: { "\($0)" == arguments[3] })
        else { fail("usage: swift-client HOST PORT [TYPE]") }
        let client = MobilityClient()
        let connection = Connection()
        do {
            let source = try await client.setsc(connection.descriptor, type, within: .seconds(5))
            try bindSource(connection.descriptor, to: source)
        } catch {
            say("going on with an ordinary address: \(error)")
        }
        guard connection.connect(to: arguments[1], port: arguments[2]) else {
            fail("no connection to \(arguments[1])")
        }
        say("connected from \(connection.localAddress)")
        do {
            try await watch(connection.descriptor, with: client)
        } catch {
            say("not watching: \(error)")
        }
    }

    /// Says what becomes of the addresses of a socket, until the daemon ends.
    static func watch(_ socket: Int32, with client: MobilityClient) async throws(MobilityError) {
        let watch = try await client.watch(socket)
        say("watching \(watch.source.address)")
        for try await event in watch {
            let end = event.endsIn.map { "ends in \($0)" } ?? "stays"
            let replacement = event.replacement.map { "\($0)" } ?? "none"
            say("\(event.change): \(event.address) \(end), replacement: \(replacement)")
        }
        say("the daemon has ended the watch")
    }

    /// At once, also where nobody looks at a terminal.
    static func say(_ words: String) {
        print(words)
        fflush(nil)
    }

    static func fail(_ words: String) -> Never {
        say(words)
        exit(1)
    }
}
