import CSystemd

/// Where the daemon's messages go: the journal if standard error is connected to it, else standard error.
public final class Log {
    private let program: String
    private let output: Int32
    private let isJournal: Bool
    public var level: LogLevel

    public convenience init(program: String, level: LogLevel) {
        let isJournal = Self.isJournalStream(STDERR_FILENO)
        self.init(program: program, level: level, output: STDERR_FILENO, isJournal: isJournal)
    }

    init(program: String, level: LogLevel, output: Int32, isJournal: Bool) {
        self.program = program
        self.level = level
        self.output = output
        self.isJournal = isJournal
    }

    public func error(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> [LogField] = []) {
        write(.error, message(), fields())
    }

    public func warning(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> [LogField] = []) {
        if level >= .warning { write(.warning, message(), fields()) }
    }

    public func info(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> [LogField] = []) {
        if level >= .info { write(.info, message(), fields()) }
    }

    public func debug(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> [LogField] = []) {
        if level >= .debug { write(.debug, message(), fields()) }
    }

    private func write(_ level: LogLevel, _ message: String, _ fields: [LogField]) {
        if isJournal {
            let entry = JournalEntry(program: program, level: level, message: message, fields: fields)
            if entry.send() { return }
        }
        let line = Array(Self.line(program, level, message).utf8)
        // One write, so that lines of several programs do not mix. A lost line has nowhere to be reported.
        _ = unsafe CSystemd.write(output, line, line.count)
    }

    static func line(_ program: String, _ level: LogLevel, _ message: String) -> String {
        let prefix = level == .info ? "" : "\(level): "
        return "\(program): \(prefix)\(singleLine(message))\n"
    }

    /// Whether a descriptor is the stream that the service manager connected to the journal: JOURNAL_STREAM
    /// holds its device and inode (systemd.exec(5)), and after a redirection they are another file's.
    static func isJournalStream(_ descriptor: Int32) -> Bool {
        guard let stream = unsafe getenv("JOURNAL_STREAM") else { return false }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return false }
        return unsafe String(cString: stream) == "\(status.st_dev):\(status.st_ino)"
    }
}
