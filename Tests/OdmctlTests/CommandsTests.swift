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
}
