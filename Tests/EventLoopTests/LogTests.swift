import CLibc
import Testing

@testable import EventLoop

@Suite struct LogTests {
    @Test(arguments: [
        (LogLevel.error, "odmd: error: text\n"),
        (.warning, "odmd: warning: text\n"),
        (.info, "odmd: text\n"),
        (.debug, "odmd: debug: text\n"),
    ])
    func lines(level: LogLevel, expected: String) {
        #expect(Log.line("odmd", level, "text") == expected)
    }

    @Test func aMessageIsOneLine() {
        #expect(Log.line("odmd", .info, "a\nodmd: error: b\u{1b}[m") == "odmd: a odmd: error: b [m\n")
    }

    @Test func whatTheLevelShutsOutIsNotEvenFormatted() {
        let pipe = Pipe()
        let log = Log(program: "odmd", level: .warning, output: pipe.writeEnd, isJournal: false)
        log.info(unwanted())
        log.debug(unwanted())
        log.warning("w", [LogField(name: "ODM_TYPE", value: "fixed")])
        log.error("e")
        #expect(pipe.read() == "odmd: warning: w\nodmd: error: e\n")
        log.level = .debug
        log.debug("d")
        #expect(pipe.read() == "odmd: debug: d\n")
    }

    private func unwanted() -> String {
        Issue.record("formatted a message that nobody sees")
        return ""
    }

    @Test func journalEntriesAreAssignments() {
        let entry = JournalEntry(
            program: "odmd", level: .warning, message: "two\nlines",
            fields: [LogField(name: "ODM_ADDRESS", value: "2001:db8::1")])
        #expect(
            String(decoding: entry.octets, as: UTF8.self)
                == "PRIORITY=4SYSLOG_IDENTIFIER=odmdMESSAGE=two\nlinesODM_ADDRESS=2001:db8::1")
        #expect(entry.ends == [10, 32, 49, 72])
    }

    @Test func namesOfLevels() {
        for level in LogLevel.allCases { #expect(LogLevel(name: "\(level)") == level) }
        #expect(LogLevel(name: "notice") == nil)
        #expect(LogLevel.error < .debug)
    }

    @Test func aFieldNameOfTheJournalIsUpperCase() async {
        await #expect(processExitsWith: .failure) { _ = LogField(name: "address", value: "") }
        await #expect(processExitsWith: .failure) { _ = LogField(name: "_PID", value: "") }
    }
}
