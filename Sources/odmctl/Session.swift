import ArgumentParser
import Posix

/// One run of a subcommand: its connection, and where its output goes.
struct Session: ~Copyable {
    let connection: DaemonConnection
    let printsJson: Bool
    /// Characters in a line of the terminal; nil if output does not go to one.
    let columns: Int?

    /// Runs the body of a subcommand; what fails is told on standard error and becomes the exit code.
    static func run(_ options: Options, _ body: (borrowing Session) throws(Failure) -> Void) throws {
        do throws(Failure) {
            let session = Session(
                connection: try DaemonConnection(path: options.socket), printsJson: options.json,
                columns: Terminal.isOutput ? Terminal.columns ?? 80 : nil)
            try body(session)
        } catch {
            report(error)
            throw ExitCode(error.exitCode)
        }
    }

    static func report(_ failure: Failure) {
        for line in failure.message.split(separator: "\n") {
            Process.print("odmctl: \(line)", toError: true)
        }
    }

    /// Prints a reply as JSON if that is wanted, else what `text` makes of it, if anything.
    func show<Parameters: Decodable>(
        _ reply: SuccessReply, as type: Parameters.Type, _ text: (Parameters) -> String
    ) throws(Failure) {
        if printsJson {
            let json = Json.encode(try reply.json(), isIndented: columns != nil)
            Process.print(String(decoding: json, as: UTF8.self))
        } else {
            let text = text(try reply.parameters(as: type))
            if !text.isEmpty { Process.print(text) }
        }
    }

    /// Prints a table, or on a terminal `ifEmpty` if it has no rows.
    func showTable<Parameters: Decodable>(
        _ reply: SuccessReply, as type: Parameters.Type, ifEmpty: String, _ table: (Parameters) -> Table
    ) throws(Failure) {
        try show(reply, as: type) { parameters in
            let table = table(parameters)
            if table.rows.isEmpty { return columns == nil ? "" : ifEmpty }
            return table.text(columns: columns)
        }
    }
}
