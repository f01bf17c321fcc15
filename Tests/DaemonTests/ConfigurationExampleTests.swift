import Mobility
import NetworkSide
import Posix
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
        #expect(try configuration(lines.joined(separator: "\n")) == .withoutFiles)
    }

    @Test func showsTheDefaultsAndASourceOfEachKind() throws {
        var shown = try configuration(uncommented.joined(separator: "\n"))
        var routers = BuiltInSource.source
        routers.name = "routers"
        #expect(
            shown.mobility.sources == [
                Source(name: "home", types: [.fixed, .sessionLasting], prefixes: ["2001:db8:a::/56"]),
                routers,
                Source(
                    name: "provider", kind: .dhcpv6, types: [.fixed, .sessionLasting],
                    uplinks: ["wlan0", "en*"]),
                Source(name: "modem", kind: .helper, types: [.sessionLasting]),
            ])
        #expect(shown.conveyances == ["provider": .userClass])
        #expect(shown.commands == ["modem": ["/usr/local/libexec/odm-modem", "--profile", "profile 1"]])
        let telephony = PolicyRule(
            name: "telephony", types: [.fixed], units: ["voip-*.service"], maxAddresses: 4, maxSockets: 1024)
        #expect(shown.mobility.policy.rules.first == telephony)
        let builtIn = DaemonConfiguration.withoutFiles.mobility.policy.rules
        #expect(Array(shown.mobility.policy.rules.dropFirst()) == builtIn)
        shown.mobility.policy = DaemonConfiguration().mobility.policy
        shown.mobility.sources = []
        shown.conveyances = [:]
        shown.commands = [:]
        #expect(shown == DaemonConfiguration())
    }

    @Test func namesEveryKey() {
        let text = uncommented
        for key in DaemonSection.keyNames + TypeSection.keyNames + RuleSection.keyNames {
            #expect(text.contains { $0.hasPrefix("\(key)=") }, "\(key)")
        }
        for type in ContinuityType.allCases { #expect(text.contains("[Type \(type)]")) }
    }

    @Test func namesTheKeysOfEachKindInItsSection() {
        for (name, kind) in Source.Kind.names {
            let section = section(withLine: "Kind=\(name)")
            let keys = SourceSection.Key.allCases.filter { key in
                section.contains { $0.hasPrefix("\(key.rawValue)=") }
            }
            #expect(Set(keys) == kind.keys, "\(name)")
        }
    }

    /// Situations that a file of its own shows, ready to be installed.
    @Test(arguments: ["5g-modem", "dhcpv6-access", "home-anchor"])
    func situationsAreGood(name: String) {
        let path = "\(Fixtures.repository)/config/examples/\(name).conf"
        let check = ConfigurationCheck(path: path, isDefaultPath: false)
        #expect(check.isGood, "\(check.text)")
    }

    @Test func thereIsNoOtherSituation() throws {
        let names = try File.names(in: "\(Fixtures.repository)/config/examples", endingIn: ".conf")
        #expect(names == ["5g-modem.conf", "dhcpv6-access.conf", "home-anchor.conf"])
    }

    /// The lines of the section that has a line.
    private func section(withLine line: String) -> ArraySlice<String> {
        let sections = uncommented.split { $0.hasPrefix("[") }
        return sections.first { $0.contains(line) } ?? []
    }
}
