import Mobility
import Testing

@testable import Daemon

/// config/odmd.conf documents every key with its default.
@Suite("The configuration file as it is shipped")
struct ConfigurationExampleTests {
    private let lines: [String]

    init() throws {
        lines = try Fixtures.lines("\(Fixtures.repository)/config/odmd.conf")
    }

    /// The lines that an administrator would uncomment: `#[Source home]`, `#Share=host`.
    private var uncommented: [String] {
        lines.map { line in
            guard line.hasPrefix("#"), let next = line.dropFirst().first, next == "[" || next.isUppercase
            else {
                return line
            }
            return String(line.dropFirst())
        }
    }

    @Test func isTheDefault() throws {
        #expect(try configuration(lines.joined(separator: "\n")) == DaemonConfiguration())
    }

    @Test func showsTheDefaultsAndASource() throws {
        var shown = try configuration(uncommented.joined(separator: "\n"))
        let source = Source(name: "home", types: [.fixed, .sessionLasting], prefixes: ["2001:db8:a::/56"])
        #expect(shown.mobility.sources == [source])
        shown.mobility.sources = []
        #expect(shown == DaemonConfiguration())
    }

    @Test func namesEveryKey() {
        let text = uncommented
        for key in DaemonSection.keyNames + TypeSection.keyNames + SourceSection.keyNames {
            #expect(text.contains { $0.hasPrefix("\(key)=") }, "\(key)")
        }
        for type in ContinuityType.allCases { #expect(text.contains("[Type \(type)]")) }
    }
}
