import Foundation
import Mobility
import Testing

@testable import Daemon

/// odmctl and a Varlink client of other people, each as a program of its own, against the server.
@Suite struct AdministrationProgramTests {
    struct Outcome: Equatable {
        var exitCode: Int32
        var output: String
        var errors = ""
    }

    static let repository = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    /// Where the build put the programs: beside the one that runs the tests.
    static let programs = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent()
    nonisolated static let python = repository.appending(path: ".build-venv/bin/python3")
    nonisolated static let hasPython = FileManager.default.isExecutableFile(atPath: python.path)

    private func run(
        _ program: URL, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> Outcome {
        let process = Foundation.Process()
        let (output, errors) = (Pipe(), Pipe())
        process.executableURL = program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let outputText = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let errorText = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Outcome(exitCode: process.terminationStatus, output: outputText, errors: errorText)
    }

    private func odmctl(_ served: ServedAdministration, _ arguments: String...) throws -> Outcome {
        try run(Self.programs.appending(path: "odmctl"), ["--socket", served.path] + arguments)
    }

    // MARK: odmctl

    @Test func odmctlShows() throws {
        let served = try ServedAdministration()
        #expect(
            try odmctl(served, "addresses")
                == Outcome(
                    exitCode: 0,
                    output: """
                        ADDRESS      TYPE             STATE      SOCKETS  AGE  LEFT  INTERFACE  SOURCE  FOR
                        2001:db8::1  fixed            active           2  0s   held  lo         home    -
                        2001:db8::2  session-lasting  lingering        0  0s   29s   7          -       4000000000
                        2001:db8::3  non-persistent   active           1  0s   -     -          home    sk:ffffffffffffffff

                        """))
        #expect(
            try odmctl(served, "sockets")
                == Outcome(
                    exitCode: 0,
                    output: """
                        ADDRESS      TYPE   PROTO  USER        PROCESS  COOKIE
                        2001:db8::1  fixed  tcp    root             42    1a2b
                        2001:db8::1  fixed  -      4000000000        -       c

                        """))
        #expect(
            try odmctl(served, "sources")
                == Outcome(
                    exitCode: 0,
                    output: """
                        NAME     KIND    STATE           USED  TYPES                  PREFIXES       INTERFACE  PLACE
                        home     static  no interface    3/16  fixed session-lasting  2001:db8::/56  wlan0      route
                        routers  ra      ready         0/1024  non-persistent         -              wl* eth0   interface

                        """))
        let status = try odmctl(served, "status")
        #expect(
            status.output.hasPrefix("odmd 0.1.0, process 71, up 1h\nConfiguration  /etc/odmd/odmd.conf\n"))
        #expect(try odmctl(served, "metrics") == Outcome(exitCode: 0, output: "# EOF\n"))
        #expect(try odmctl(served, "log-level") == Outcome(exitCode: 0, output: "info\n"))
    }

    @Test func odmctlPrintsJson() throws {
        let served = try ServedAdministration()
        #expect(
            try odmctl(served, "sockets", "--json").output
                == #"{"sockets":[{"address":"2001:db8::1","cookie":"1a2b","process":42,"transport":6,"#
                + #""type":"fixed","user":0},{"address":"2001:db8::1","cookie":"c","type":"fixed","user":4000000000}]}"#
                + "\n")
        #expect(try odmctl(served, "reload", "--json") == Outcome(exitCode: 0, output: "{}\n"))
    }

    @Test func odmctlChanges() throws {
        let served = try ServedAdministration { delegate, _ in
            delegate.answer = .granted(Grant(address: "2001:db8::9", type: .fixed))
        }
        #expect(
            try odmctl(served, "acquire", "fixed", "--on-net")
                == Outcome(exitCode: 0, output: "2001:db8::9\n"))
        #expect(
            try odmctl(served, "release", "2001:db8::9", "2001:db8::8")
                == Outcome(exitCode: 0, output: "2001:db8::9 removed\n2001:db8::8 removed\n"))
        #expect(
            try odmctl(served, "release", "--all")
                == Outcome(exitCode: 0, output: "2 removed, 1 go when their sockets are closed\n"))
        #expect(try odmctl(served, "reload") == Outcome(exitCode: 0, output: ""))
        #expect(try odmctl(served, "log-level", "debug") == Outcome(exitCode: 0, output: ""))
        #expect(try odmctl(served, "addresses") == Outcome(exitCode: 0, output: ""), "nothing for nothing")
        served.stop()
        #expect(
            served.journal.all
                == [
                    "acquire fixed on-net", "release 2001:db8::9", "release 2001:db8::8", "release all",
                    "reload", "log level debug",
                ])
    }

    @Test func odmctlExitCodes() throws {
        let served = try ServedAdministration { delegate, _ in
            delegate.answer = .refused(.timedOut)
            delegate.releaseOutcome = .notOurs
            delegate.reloadErrors = ["/etc/odmd/odmd.conf:1: x", "/etc/odmd/odmd.conf:2: y"]
        }
        #expect(
            try odmctl(served, "acquire", "fixed")
                == Outcome(exitCode: 75, output: "", errors: "odmctl: the network did not answer in time\n"))
        #expect(
            try odmctl(served, "release", "2001:db8::1", "2001:db8::2")
                == Outcome(
                    exitCode: 65, output: "",
                    errors: """
                        odmctl: 2001:db8::1: odmd has no such address
                        odmctl: 2001:db8::2: odmd has no such address

                        """))
        #expect(try odmctl(served, "release", "2001:db8::1", "x").exitCode == 64)
        #expect(
            try odmctl(served, "reload")
                == Outcome(
                    exitCode: 78, output: "",
                    errors: """
                        odmctl: /etc/odmd/odmd.conf:1: x
                        odmctl: /etc/odmd/odmd.conf:2: y
                        odmctl: the configuration was not changed

                        """))
        #expect(try odmctl(served, "acquire", "eternal").exitCode == 64)
        #expect(try odmctl(served, "log-level", "loud").exitCode == 64)
        served.stop()
        #expect(try odmctl(served, "status").exitCode == 69)
    }

    @Test func odmctlWithoutPermission() throws {
        let served = try ServedAdministration { delegate, _ in delegate.permits = false }
        #expect(
            try odmctl(served, "reload")
                == Outcome(
                    exitCode: 77, output: "",
                    errors: "odmctl: not permitted: this needs root or a member of the group odm, "
                        + "or of the one that AdminGroup= names\n"))
        #expect(try odmctl(served, "status").exitCode == 0)
    }

    @Test func odmctlIsTurnedAwayPolitely() throws {
        let served = try ServedAdministration(limits: AdministrationLimits(clients: 0))
        let outcome = try odmctl(served, "status")
        #expect(outcome.exitCode == 75)
        #expect(outcome.errors.hasPrefix("odmctl: odmd ended the connection"))
    }

    // MARK: The Python package "varlink"

    @Test(.enabled(if: hasPython, "no .build-venv with the Python package varlink"))
    func pythonClient() throws {
        let served = try ServedAdministration { delegate, loop in
            delegate.addSamples()
            try delegate.haveHappen(1, on: loop)
            delegate.answer = .refused(.exhausted)
            delegate.reloadErrors = ["/etc/odmd/odmd.conf:1: x"]
        }
        let script = Self.repository.appending(path: "Tests/DaemonTests/administration_client.py").path
        let outcome = try run(Self.python, [script, served.path])
        #expect(outcome == Outcome(exitCode: 0, output: "all calls answered as described\n"))
        served.stop()
        #expect(
            served.journal.all == [
                "acquire fixed", "log level debug", "release 2001:db8::1", "release all", "reload",
            ])
    }

    @Test(.enabled(if: hasPython, "no .build-venv with the Python package varlink"))
    func pythonCommandLine() throws {
        let served = try ServedAdministration()
        let call = try run(
            Self.python,
            ["-m", "varlink.cli", "call", "unix:\(served.path)/org.odmd.Manager.ReleaseAll", "{}"])
        #expect(call == Outcome(exitCode: 0, output: "{\n  \"leaving\": 1,\n  \"removed\": 2\n}\n"))
        let help = try run(
            Self.python, ["-m", "varlink.cli", "help", "unix:\(served.path)/org.odmd.Manager"])
        #expect(help.exitCode == 0)
        #expect(help.output.contains(ManagerInterface.manager))
    }
}
