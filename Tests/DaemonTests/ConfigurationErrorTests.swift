import Posix
import Testing

@testable import Daemon

private let brokenNames: [String] = {
    let names = (try? File.names(in: Fixtures.broken, endingIn: ".conf")) ?? []
    return names.map { String($0.dropLast(".conf".count)) }
}()

@Suite("Mistakes in the configuration")
struct ConfigurationErrorTests {
    /// Each `broken/NAME.conf` leads to the lines of `broken/NAME.expected`, paths relative to the directory.
    @Test(arguments: brokenNames)
    func isReported(name: String) throws {
        let directory = Fixtures.broken + "/"
        let expected = try Fixtures.lines("\(directory)\(name).expected")
        let check = ConfigurationCheck(path: "\(directory)\(name).conf", isDefaultPath: false)
        let lines = check.text.split(separator: "\n").map { line in
            line.split(separator: directory, omittingEmptySubsequences: false).joined()
        }
        #expect(!check.isGood)
        #expect(lines == expected)
    }

    @Test func thereAreFixtures() {
        #expect(brokenNames.count >= 40)
    }

    @Test func eachFixtureShowsAllOfItsMistakesOnce() throws {
        for name in brokenNames {
            let lines = try Fixtures.lines("\(Fixtures.broken)/\(name).expected")
            #expect(Set(lines).count == lines.count, "\(name)")
        }
    }

    @Test func errorsBeyondTheLimitAreCounted() {
        let location = ConfigurationLocation(file: "test.conf", line: 1)
        let errors = ConfigurationErrors(
            Array(repeating: ConfigurationError(location, "a", "b"), count: ConfigurationErrors.limit + 7))
        #expect(errors.errors.count == ConfigurationErrors.limit)
        #expect(errors.omitted == 7)
        #expect(errors.lines.count == ConfigurationErrors.limit + 1)
        #expect(errors.lines.last == "and 7 more errors")
    }
}
