import ArgumentParser

struct Assignments: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the control groups that the kernel gives addresses of a type.",
        discussion: "Those of odmctl run --kernel, enable-unit --kernel and assign.")

    @OptionGroup var options: Options

    func run() throws {
        try Session.run(options) { (session) throws(Failure) in
            let reply = try session.connection.call("ListAssignments")
            try session.showTable(
                reply, as: AssignmentsReply.self, ifEmpty: "no control group has a type", \.table)
        }
    }
}

/// What `ListAssignments` of the interface replies.
struct AssignmentsReply: Decodable {
    struct Assignment: Decodable {
        var controlGroup: String
        var type: String

        private enum CodingKeys: String, CodingKey {
            case controlGroup = "control_group"
            case type
        }
    }

    var assignments: [Assignment]

    var table: Table {
        Table(
            columns: [.init(title: "CONTROL GROUP"), .init(title: "TYPE")],
            rows: assignments.map { [$0.controlGroup, $0.type] })
    }
}
