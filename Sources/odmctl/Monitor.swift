import ArgumentParser
import Posix

struct Monitor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print what becomes of addresses, as it happens.",
        discussion: """
            A line for each event: when, what, the address and its type, what new sockets get instead, and when it \
            ends. With --json one object on each line. Goes on until it is interrupted, or odmd ends.
            """)

    @OptionGroup var options: Options

    func run() throws {
        Process.endAtInterrupt()
        try Session.run(options) { (session) throws(Failure) in
            let printsJson = session.printsJson
            try session.connection.monitor { (reply) throws(Failure) in
                Process.print(
                    printsJson
                        ? try reply.eventJson() : try reply.parameters(as: MonitorReply.self).event.text)
            }
        }
    }
}

/// What `Monitor` of the interface replies, again and again.
struct MonitorReply: Decodable {
    struct Event: Decodable {
        var change: String
        var address: String
        var type: String
        var replacement: String?
        var endsInMilliseconds: Int64?
        var time: Int64

        private enum CodingKeys: String, CodingKey {
            case change, address, type, replacement, time
            case endsInMilliseconds = "ends_in_milliseconds"
        }

        var text: String {
            let longestChange = "deprecated".count
            let padding = String(repeating: " ", count: max(0, longestChange - change.count))
            var columns = [WallClock.text(ofMilliseconds: time), change + padding, address, type]
            if let replacement { columns.append("replaced by \(replacement)") }
            if let endsInMilliseconds, endsInMilliseconds > 0 {
                columns.append("ends in \(Age(milliseconds: endsInMilliseconds))")
            }
            return columns.joined(separator: "  ")
        }
    }

    var event: Event
}

extension SuccessReply {
    /// The event alone, on one line.
    fileprivate func eventJson() throws(Failure) -> String {
        guard case .object(let parameters) = try json(), let event = parameters["event"] else {
            throw .surprise("a reply without an event")
        }
        return Json.line(event)
    }
}
