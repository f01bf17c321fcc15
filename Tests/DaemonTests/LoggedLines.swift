import CLibc
import Posix

@testable import EventLoop

/// A log whose lines can be read.
final class LoggedLines {
    let log: Log
    private let directory: TemporaryDirectory
    private let file: Descriptor

    init(level: LogLevel = .info) throws {
        directory = try TemporaryDirectory()
        let output = unsafe odm_open(
            "\(directory.path)/log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        precondition(output >= 0, "a file can be made in a new directory")
        file = Descriptor(adopting: output)
        log = Log(program: "odmd", level: level, output: output, isJournal: false)
    }

    var lines: [String] {
        let text = (try? File.read("\(directory.path)/log", limit: 1 << 20)) ?? []
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
