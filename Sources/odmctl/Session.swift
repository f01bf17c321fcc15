import ArgumentParser
import Posix

/// One run of a subcommand: its connection, and where its output goes.
struct Session: ~Copyable {
    let connection: DaemonConnection
    let printsJson: Bool
    /// Characters in a line of the terminal; nil if output does not go to one.
    let columns: Int?
    let hasColours: Bool

    private init(_ options: Options) throws(Failure) {
        let connection = try DaemonConnection(path: options.socket)
        self.connection = connection
        printsJson = options.json
        columns = Terminal.isOutput ? Terminal.columns ?? 80 : nil
        hasColours = Colour.isWanted(isTerminal: Terminal.isOutput)
    }

    /// Runs the body of a subcommand; what fails is told on standard error and becomes the exit code.
    static func run(_ options: Options, _ body: (borrowing Session) throws(Failure) -> Void) throws {
        try reporting { () throws(Failure) in try body(try Session(options)) }
    }

    /// Prints what `text` makes, if anything; again and again if that is wanted.
    static func show(
        _ options: Options, _ watching: WatchOptions, _ text: (borrowing Session) throws(Failure) -> String
    ) throws {
        func look() throws(Failure) -> String { try text(try Session(options)) }
        try reporting { () throws(Failure) in
            if let milliseconds = watching.milliseconds {
                var watch = Watch(milliseconds: milliseconds, style: options.json ? .lines : nil)
                try watch.run(look)
            } else {
                let text = try look()
                if !text.isEmpty { Process.print(text) }
            }
        }
    }

    /// What fails is told on standard error and becomes the exit code.
    static func reporting(_ body: () throws(Failure) -> Void) throws {
        do throws(Failure) {
            try body()
        } catch {
            report(error)
            throw ExitCode(error.exitCode)
        }
    }

    static func report(_ failure: Failure) {
        let hasColours = Colour.isWanted(isTerminal: Terminal.isErrorOutput)
        Process.print(failure.text(hasColours: hasColours), toError: true)
    }

    /// Tells what is wrong with the command line, and how it should be.
    static func report(usage text: String) { warn(text) }

    /// Tells something on standard error, and no more.
    static func warn(_ text: String) {
        let hasColours = Colour.isWanted(isTerminal: Terminal.isErrorOutput)
        Process.print("\(Failure.programName(hasColours: hasColours)) \(text)", toError: true)
    }

    /// A reply as JSON if that is wanted, else what `text` makes of it.
    func text<Parameters: Decodable>(
        of reply: SuccessReply, as type: Parameters.Type, _ text: (Parameters) -> String
    ) throws(Failure) -> String {
        printsJson ? Json.line(try reply.json()) : text(try reply.parameters(as: type))
    }

    /// What is wanted of a list: as JSON if that is wanted, else as a table, or on a terminal `ifEmpty` if it has no
    /// rows.
    func text<Reply: ListReply>(
        of reply: SuccessReply, as type: Reply.Type, ifEmpty: String, where isWanted: (Reply.Row) -> Bool
    ) throws(Failure) -> String {
        guard !printsJson else { return Json.line(try reply.json(ofList: type, where: isWanted)) }
        return text(of: try reply.list(type, where: isWanted).table, ifEmpty: ifEmpty)
    }

    private func text(of table: Table, ifEmpty: String) -> String {
        if table.rows.isEmpty { return columns == nil ? "" : ifEmpty }
        return table.text(columns: columns, hasColours: hasColours)
    }

    /// Prints a reply as JSON if that is wanted, else what `text` makes of it, if anything.
    func show<Parameters: Decodable>(
        _ reply: SuccessReply, as type: Parameters.Type, _ text: (Parameters) -> String
    ) throws(Failure) {
        let text = try self.text(of: reply, as: type, text)
        if !text.isEmpty { Process.print(text) }
    }

    /// Prints a value as JSON.
    func show(_ json: JsonValue) { Process.print(Json.line(json)) }

    /// Prints a table, or on a terminal `ifEmpty` if it has no rows.
    func showTable<Parameters: Decodable>(
        _ reply: SuccessReply, as type: Parameters.Type, ifEmpty: String, _ table: (Parameters) -> Table
    ) throws(Failure) {
        try show(reply, as: type) { text(of: table($0), ifEmpty: ifEmpty) }
    }
}
