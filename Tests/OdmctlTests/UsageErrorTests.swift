import ArgumentParser
import Testing

@testable import odmctl

@Suite struct UsageErrorTests {
    private func text(_ arguments: String...) -> String? {
        do {
            _ = try Odmctl.parseAsRoot(arguments)
            return nil
        } catch {
            return UsageError.text(for: error, arguments)
        }
    }

    @Test(arguments: [
        ["adresses"], ["--json", "adresses"], ["--socket", "/x", "adresses", "8a3f"],
        ["--socket=/x", "adresses"],
        ["help", "adresses"], ["adresses", "--help"],
    ])
    func aMisspeltSubcommandIsGuessed(arguments: [String]) {
        let text = UsageError.misspelling(in: arguments)
        #expect(text?.hasPrefix("there is no subcommand 'adresses'; did you mean 'addresses'?\n") == true)
    }

    @Test func withoutAGuessAllAreListed() {
        let text = UsageError.misspelling(in: ["nonsense"])
        #expect(text?.contains("'nonsense'; there are status, addresses, sockets, ") == true)
    }

    @Test(arguments: [
        [], ["addresses"], ["help"], ["help", "status"], ["--version"], ["--help", "x"],
        ["--generate-completion-script", "bash"], ["---completion", "release"], ["--socket"],
    ])
    func nothingIsMisspelt(arguments: [String]) {
        #expect(UsageError.misspelling(in: arguments) == nil)
    }

    @Test func ofOtherErrorsTheParserTells() {
        #expect(
            text("status", "--jsn")?.hasPrefix("Unknown option '--jsn'. Did you mean '--json'?\nUsage: ")
                == true)
        #expect(text("acquire", "fxied")?.contains("'fixed', 'session-lasting'") == true)
        #expect(text("--help") == nil && text("status", "--help") == nil && text("--version") == nil)
        #expect(UsageError.text(for: ExitCode(64), ["release", "x"]) == nil)
    }
}
