import ArgumentParser
import Testing

@testable import odmctl

@Suite struct CandidatesTests {
    private let addresses = ["2001:db8::1", "2001:db8::12", "2001:db8:a::1"]

    /// As bash splits a command line.
    @Test(arguments: [
        (["odmctl", "release", ""], ["2001:db8::1", "2001:db8::12", "2001:db8:a::1"]),
        (["odmctl", "release", "2001"], ["2001:db8::1", "2001:db8::12", "2001:db8:a::1"]),
        (["odmctl", "release", "2001", ":"], ["db8::1", "db8::12", "db8:a::1"]),
        (["odmctl", "release", "2001", ":", "db8", "::", "1"], ["1", "12"]),
        (
            ["odmctl", "release", "2001", ":", "db8", "::", "12", ""],
            ["2001:db8::1", "2001:db8::12", "2001:db8:a::1"]
        ),
        (["odmctl", "release", "2002", ":"], []),
        // Completed before.
        (["odmctl", "release", "2001", ":", "db8\\:"], ["db8::1", "db8::12", "db8:a::1"]),
        (["odmctl", "release", "2001", ":", "db8\\:a"], ["db8:a::1"]),
        // Without a colon in COMP_WORDBREAKS.
        (["odmctl", "release", "2001:db8::1"], ["2001:db8::1", "2001:db8::12", "2001:db8:a::1"]),
    ])
    func whatIsTypedIsNotOfferedAgain(words: [String], offered: [String]) {
        #expect(Candidates.withoutWhatIsTyped(addresses, words, words.count - 1) == offered)
    }

    @Test(arguments: [
        (["odmctl", "release", ""], "/run/odm/admin"), (["odmctl", "--socket", "/x", "release", ""], "/x"),
        (["odmctl", "release", "--socket"], "/run/odm/admin"),
    ])
    func theSocketOfTheCommandLineIsAsked(words: [String], path: String) {
        #expect(Candidates.socket(in: words) == path)
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func scriptsAskForWhatThereIs(shell: String) throws {
        let script = Odmctl.completionScript(for: try #require(CompletionShell(rawValue: shell)))
        #expect(script.contains("session-lasting"))
        #expect(script.contains("---completion release"))
    }
}
