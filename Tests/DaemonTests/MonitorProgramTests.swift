import CLibc
import Foundation
import Testing

@testable import Daemon

/// odmctl monitor as a program of its own, against the server.
@Suite struct MonitorProgramTests {
    /// The program while it runs. It is killed if it is still there at the end.
    private final class Running {
        let process = Foundation.Process()
        private let output = Pipe()
        private let errors = Pipe()
        private var read = Data()

        init(_ served: ServedAdministration, _ arguments: String...) throws {
            process.executableURL = AdministrationProgramTests.programs.appending(path: "odmctl")
            process.arguments = ["--socket", served.path, "monitor"] + arguments
            process.environment = ProcessInfo.processInfo.environment.merging(["TZ": "UTC"]) { $1 }
            process.standardOutput = output
            process.standardError = errors
            try process.run()
        }

        deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

        /// The next line without its end; nil at the end of the output.
        func line() -> String? {
            while true {
                if let end = read.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = String(decoding: read[..<end], as: UTF8.self)
                    read.removeSubrange(...end)
                    return line
                }
                let more = output.fileHandleForReading.availableData
                if more.isEmpty { return nil }
                read.append(more)
            }
        }

        func closeOutput() { try? output.fileHandleForReading.close() }

        /// What it said on standard error until its end.
        func end() -> String {
            let text = errors.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return String(decoding: text, as: UTF8.self)
        }
    }

    private func serve(_ count: Int) throws -> ServedAdministration {
        try ServedAdministration { delegate, loop in try delegate.haveHappen(count, on: loop) }
    }

    @Test func aLineForEachEvent() throws {
        let served = try serve(3)
        let monitor = try Running(served)
        for _ in 0..<50 {
            #expect(
                monitor.line()
                    == "2023-11-14 22:13:20  replaced    2001:db8::1  graceful-replacement  "
                    + "replaced by 2001:db8:1::1  ends in 1min")
        }
    }

    @Test func anObjectForEachEvent() throws {
        let served = try serve(3)
        let monitor = try Running(served, "--json")
        for _ in 0..<50 {
            #expect(
                monitor.line()
                    == #"{"address":"2001:db8::1","change":"replaced","ends_in_milliseconds":60000,"#
                    + #""replacement":"2001:db8:1::1","time":1700000000000,"type":"graceful-replacement"}"#)
        }
    }

    @Test func theEndOfTheDaemonEndsIt() throws {
        let served = try serve(1)
        let monitor = try Running(served)
        #expect(monitor.line() != nil)
        served.stop()
        #expect(monitor.end().hasPrefix("odmctl: odmd ended the connection: "))
        #expect(monitor.process.terminationStatus == 69)
    }

    /// Also where nothing happens that it would fail to tell.
    @Test(arguments: [0, 1]) func theEndOfItsReaderEndsIt(events: Int) throws {
        let served = try serve(events)
        let monitor = try Running(served)
        if events > 0 { #expect(monitor.line() != nil) }
        monitor.closeOutput()
        #expect(monitor.end() == "")
    }

    @Test func withoutADaemon() throws {
        let served = try serve(0)
        served.stop()
        let monitor = try Running(served)
        #expect(monitor.end().hasPrefix("odmctl: odmd is not running"))
        #expect(monitor.process.terminationStatus == 69)
    }
}
