import ArgumentParser
import Testing

@testable import odmctl

@Suite struct CommandsTests {
    @Test(arguments: [
        ["--socket", "/x", "--json", "status"], ["status", "--socket", "/x", "--json"],
        ["--socket", "/y", "--json", "status", "--socket", "/x"],
    ])
    func optionsStandBeforeOrAfterTheCommand(arguments: [String]) throws {
        let status = try #require(try Odmctl.parseAsRoot(arguments) as? Status)
        #expect(status.options.socket == "/x")
        #expect(status.options.json)
    }

    @Test func monitorHasTheOptionsOfAll() throws {
        let monitor = try #require(try Odmctl.parseAsRoot(["monitor", "--json"]) as? Monitor)
        #expect(monitor.options.json)
        #expect(throws: (any Error).self) { try Monitor.parse(["2001:db8::1"]) }
    }

    @Test(arguments: [
        [], ["--all", "2001:db8::1"],
    ])
    func releaseNeedsAddressesOrAll(arguments: [String]) {
        #expect(throws: (any Error).self) { try Release.parse(arguments) }
    }

    @Test func wrongUsageIs64() {
        do {
            _ = try Odmctl.parseAsRoot(["acquire", "eternal"])
            Issue.record("there is no such type")
        } catch {
            #expect(Odmctl.exitCode(for: error).rawValue == 64)
        }
    }

    @Test(
        arguments: [
            ([], nil), (["--watch"], 1000), (["-w", "-n", "0.1"], 100),
            (["--watch", "--interval", "86400"], 86_400_000),
        ] as [([String], Int32?)])
    func watchingHasAnInterval(arguments: [String], milliseconds: Int32?) throws {
        for command in ["status", "addresses", "sockets", "sources"] {
            _ = try Odmctl.parseAsRoot([command] + arguments)
        }
        #expect(try Status.parse(arguments).watching.milliseconds == milliseconds)
    }

    @Test(arguments: [
        (["-n", "5"], "--interval goes with --watch"),
        (["-w", "-n", "0.01"], "--interval is from 0.1 to 86400 seconds"),
        (["-w", "-n", "86401"], "--interval is from 0.1 to 86400 seconds"),
        (["-w", "-n", "nan"], "--interval is from 0.1 to 86400 seconds"),
        (["-w", "-n", "soon"], "The value 'soon' is invalid for '-n <seconds>'"),
    ])
    func intervalsHaveBounds(arguments: [String], message: String) {
        do {
            _ = try Status.parse(arguments)
            Issue.record("accepted \(arguments)")
        } catch {
            #expect(Status.message(for: error) == message)
        }
    }

    @Test(arguments: [
        ["addresses", "8a3f", "--type", "fixed", "--source", "home"],
        ["sockets", "::8a3f", "--user", "root"],
        ["sockets", "--user", "4000000000"], ["sources", "home"], ["release", "8a3f", "2001:db8::1"],
    ])
    func whatIsWantedCanBeNamed(arguments: [String]) throws {
        _ = try Odmctl.parseAsRoot(arguments)
    }

    @Test(arguments: [
        (["addresses", "xyz"], "this is no IPv6 address, nor the end of one"),
        (["release", ""], "this is no IPv6 address, nor the end of one"),
        (["sockets", "--user", "no such user"], "there is no such user"),
        (["addresses", "--type", "eternal"], "'session-lasting'"),
    ])
    func whatCannotBeIsRefused(arguments: [String], words: String) {
        do {
            _ = try Odmctl.parseAsRoot(arguments)
            Issue.record("accepted \(arguments)")
        } catch {
            #expect(Odmctl.message(for: error).contains(words))
            #expect(Odmctl.exitCode(for: error).rawValue == 64)
        }
    }
}
