import Testing

@testable import Daemon

private func command(_ arguments: [String]) -> DaemonCommand {
    DaemonCommand(arguments: arguments, version: "1.2.3")
}

@Suite("Command line of odmd")
struct CommandLineTests {
    @Test func withoutOptionsRunsWithTheDefaults() {
        let options = DaemonOptions()
        #expect(command([]) == .run(options))
        #expect(options.configurationPath == "/etc/odmd/odmd.conf")
        #expect(options.isDefaultConfiguration)
        #expect(options.runtimeDirectory == "/run/odmd")
        #expect(options.stateDirectory == "/var/lib/odmd")
        #expect(options.socketDirectory == "/run/odm")
    }

    @Test(arguments: [
        [
            "--config", "/c", "--runtime-directory", "/r", "--state-directory", "/s", "--socket-directory",
            "/k",
        ],
        ["--socket-directory=/k", "--state-directory=/s", "--runtime-directory=/r", "--config=/c"],
        [
            "--config=/other", "--config", "/c", "--runtime-directory=/r", "--state-directory=/s",
            "--socket-directory=/k",
        ],
    ])
    func everyPathCanBeNamed(arguments: [String]) {
        var options = DaemonOptions()
        options.configurationPath = "/c"
        options.isDefaultConfiguration = false
        options.runtimeDirectory = "/r"
        options.stateDirectory = "/s"
        options.socketDirectory = "/k"
        #expect(command(arguments) == .run(options))
    }

    @Test func valueMayHoldAnEqualsSignOrBeginWithADash() {
        var options = DaemonOptions()
        options.stateDirectory = "/a=b"
        #expect(command(["--state-directory=/a=b"]) == .run(options))
        options.stateDirectory = "-"
        #expect(command(["--state-directory", "-"]) == .run(options))
        options.stateDirectory = "--x"
        #expect(command(["--state-directory=--x"]) == .run(options))
    }

    @Test(arguments: [
        (["--check-config"], "/etc/odmd/odmd.conf", true),
        (["--check-config", "--config", "/c"], "/c", false),
        (["--config=/c", "--check-config"], "/c", false),
        (["--config=/etc/odmd/odmd.conf", "--check-config"], "/etc/odmd/odmd.conf", false),
    ])
    func check(arguments: [String], path: String, isDefault: Bool) {
        #expect(command(arguments) == .checkConfiguration(path: path, isDefaultPath: isDefault))
    }

    @Test func whoLooksIntoProcesses() {
        var options = DaemonOptions()
        options.holdersSocket = "/h"
        #expect(command(["--holders", "/h"]) == .run(options))
        #expect(command(["--find-holders"]) == .findHolders)
    }

    @Test(arguments: [["--version"], ["--config=/c", "--version", "--nonsense"]])
    func version(arguments: [String]) {
        #expect(command(arguments) == .print("odmd 1.2.3"))
    }

    @Test func helpNamesEveryOptionWithinEightyColumnsOrSo() {
        guard case .print(let help) = command(["--help"]) else {
            Issue.record("no help")
            return
        }
        let options = [
            "--config FILE", "--runtime-directory DIR", "--state-directory DIR", "--socket-directory DIR",
            "--hooks-directory DIR", "--holders SOCKET", "--check-config", "--find-holders", "--version",
            "--help",
        ]
        for option in options { #expect(help.contains(option)) }
        let defaults = DaemonOptions()
        for path in [
            defaults.configurationPath, defaults.runtimeDirectory, defaults.stateDirectory,
            defaults.socketDirectory,
        ] { #expect(help.contains("(\(path))")) }
        #expect(help.split(separator: "\n").allSatisfy { $0.count <= 95 })
    }

    @Test(arguments: [
        (["--confg=/c"], "odmd: unknown option --confg; did you mean --config?"),
        (["--nonsense"], "odmd: unknown option --nonsense; see odmd --help"),
        (["-x"], "odmd: unknown option -x; see odmd --help"),
        (["-h"], "odmd: unknown option -h; see odmd --help"),
        (["start"], "odmd: unexpected argument 'start'; see odmd --help"),
        ([""], "odmd: unexpected argument ''; see odmd --help"),
        (["--"], "odmd: unexpected argument '--'; see odmd --help"),
        (["=x"], "odmd: unexpected argument '=x'; see odmd --help"),
        (["--config"], "odmd: --config needs a value; write --config FILE"),
        (["--config="], "odmd: --config needs a value; write --config FILE"),
        (["--config", ""], "odmd: --config needs a value; write --config FILE"),
        (
            ["--state-directory", "--help"],
            "odmd: --state-directory needs a value; write --state-directory DIR"
        ),
        (["--holders"], "odmd: --holders needs a value; write --holders SOCKET"),
        (["--version=1"], "odmd: --version takes no value; leave out =1"),
        (["--check-config=/c"], "odmd: --check-config takes no value; leave out =/c"),
        (["--nonsense", "--help"], "odmd: unknown option --nonsense; see odmd --help"),
        (["\u{1b}[31m"], "odmd: unexpected argument '\\u{1b}[31m'; see odmd --help"),
    ])
    func mistakes(arguments: [String], expected: String) {
        #expect(command(arguments) == .usageError(expected))
    }
}
