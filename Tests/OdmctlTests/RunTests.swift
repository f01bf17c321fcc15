import ArgumentParser
import Testing

@testable import odmctl

@Suite struct RunTests {
    private func run(_ arguments: String...) throws -> Run {
        try #require(try Odmctl.parseAsRoot(["run"] + arguments) as? Run)
    }

    private func message(_ arguments: [String]) -> String? {
        do {
            _ = try Odmctl.parseAsRoot(["run"] + arguments)
            return nil
        } catch {
            #expect(Odmctl.exitCode(for: error).rawValue == 64)
            return Odmctl.message(for: error)
        }
    }

    @Test func whatFollowsTheProgramIsItsOwn() throws {
        let run = try run("--type", "fixed", "--serve", "ssh", "--json", "--type", "x", "--", "-h")
        #expect(run.command == ["ssh", "--json", "--type", "x", "--", "-h"])
        #expect(run.wishes.words == "fixed serve")
        #expect(!run.options.json)
        #expect(try self.run("--type", "fixed", "--", "--odd", "--", "x").command == ["--odd", "--", "x"])
    }

    @Test(arguments: [
        ["--json", "run", "--socket", "/x", "--type", "fixed", "ls"],
        ["--socket", "/x", "run", "--json", "--type", "fixed", "ls"],
        ["--socket", "/y", "run", "--json", "--type", "fixed", "--socket", "/x", "ls"],
    ])
    func optionsOfAllStandBeforeOrAfterTheCommand(arguments: [String]) throws {
        let run = try #require(try Odmctl.parseAsRoot(arguments) as? Run)
        #expect(run.options.json)
        #expect(run.options.socket == "/x")
    }

    @Test(arguments: [
        ([], "fixed"), (["--strict", "--on-net"], "fixed on-net strict"),
        (["--on-net", "--serve", "--strict"], "fixed on-net serve strict"),
    ])
    func theLibraryIsToldTheWishes(flags: [String], words: String) throws {
        #expect(try WishOptions.parse(["--type", "fixed"] + flags).words == words)
    }

    @Test(arguments: [
        (["ssh"], "Missing expected argument '--type <type>'"),
        (["--type", "fixed"], "Missing expected argument '<program>'"),
        (["--type", "fixed", "--"], "Missing expected argument '<program>'"),
        (["--type", "fixed", ""], "Missing expected argument '<program>'"),
        (["--type", "fixed", "--serv", "ssh"], "Unknown option '--serv'"),
        (["--type", "fixed", "--kernel", "--serve", "ssh"], "--kernel goes without"),
        (["--type", "fixed", "--kernel", "--on-net", "ssh"], "--kernel goes without"),
        (["--type", "eternal", "ssh"], "'session-lasting'"),
    ])
    func whatCannotBeIsRefused(arguments: [String], words: String) {
        #expect(message(arguments)?.contains(words) == true)
    }

    @Test(arguments: [["--type", "fixed", "--help"], ["--type", "fixed", "-h", "x"]])
    func helpIsHelp(arguments: [String]) {
        do {
            _ = try Odmctl.parseAsRoot(["run"] + arguments)
            Issue.record("ran")
        } catch {
            #expect(Odmctl.exitCode(for: error) == .success)
            #expect(Odmctl.fullMessage(for: error).contains("OVERVIEW: Run a program"))
        }
    }

    // MARK: The library

    @Test(
        arguments: [
            (nil, "/l/x.so"), ("", "/l/x.so"), ("/a.so", "/l/x.so:/a.so"),
            ("/a.so /b.so", "/l/x.so:/a.so:/b.so"), ("/a.so:/l/x.so", "/l/x.so:/a.so"),
        ] as [(String?, String)])
    func othersAreKeptBehindIt(others: String?, value: String) {
        #expect(PreloadLibrary.value("/l/x.so", before: others) == value)
    }

    @Test func itIsBesideOdmctlOrWhereItIsInstalled() {
        let places = PreloadLibrary.places(besides: "/usr/bin/odmctl")
        #expect(places[...1] == ["/usr/bin/libodm-preload.so", "/usr/lib/odm/libodm-preload.so"])
        #expect(places.contains { $0.hasSuffix("-linux-gnu/odm/libodm-preload.so") })
    }

    // MARK: Quoting

    @Test(arguments: [
        ("ssh", "ssh"), ("", "''"), ("a b", "'a b'"), ("it's", #"'it'\''s'"#), ("a=b", "'a=b'"),
        ("~", "'~'"), ("$x", "'$x'"), ("-o/a_b.c:1,2+3@4%5", "-o/a_b.c:1,2+3@4%5"), ("é", "'é'"),
    ])
    func aShellTakesWordsAsTheyAre(word: String, quoted: String) {
        #expect(ShellQuoting.quoted(word) == quoted)
    }

    @Test func aCommentIsOneLine() { #expect(ShellQuoting.comment("a\nb\t") == "# a?b?") }
}
