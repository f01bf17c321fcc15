import Mobility
import Testing

@testable import Daemon

/// Which value is in force, and where it comes from.
@Suite("Settings") struct ConfigurationSettingsTests {
    private func settings(_ files: (path: String, text: String)...) throws -> [Setting] {
        var draft = ConfigurationDraft()
        for file in files { draft.read(ConfigurationFile(path: file.path, octets: Array(file.text.utf8))) }
        return try draft.finished().settings
    }

    private func lines(_ settings: [Setting], under section: String) -> [String] {
        settings.filter { $0.section == section }.map { setting in
            "\(setting.key)=\(setting.value) \(setting.location?.description ?? "default")"
        }
    }

    /// To write the defaults down changes nothing.
    @Test func defaultsAreWhatTheyAreSaidToBe() throws {
        let defaults = try settings()
        let text = Dictionary(grouping: defaults.filter { !$0.section.hasPrefix("Source") }, by: \.section)
            .map { "[\($0)]\n" + $1.map { "\($0.key)=\($0.value)\n" }.joined() }.joined()
        #expect(try configuration(text) == .withoutFiles)
        let shown = try settings(("a.conf", text))
        #expect(shown.map(\.value) == defaults.map(\.value))
        #expect(shown.filter { !$0.section.hasPrefix("Source") }.allSatisfy { $0.location != nil })
    }

    @Test func eachKeyHasADefaultOrAReasonToHaveNone() throws {
        let defaults = try settings()
        #expect(defaults.count { $0.section == "Daemon" } == DaemonSection.keyNames.count)
        let ofTypes = ContinuityType.allCases.map { type in
            defaults.filter { $0.section == "Type \(type)" }.count
        }
        #expect(ofTypes == [6, 8, 6, 7])
    }

    @Test func theLastAssignmentCountsAndListsGrow() throws {
        let shown = try settings(
            (
                "main",
                "[Daemon]\nLogLevel=debug\nAdminGroup=a\n[Source a]\nKind=static\nTypes=fixed\nPrefix=2001:db8::/64\n"
            ),
            ("drop-in", "[Daemon]\nLogLevel=error\nAdminGroup=\n[Source a]\nTypes=session-lasting\n"))
        let daemon = lines(shown, under: "Daemon")
        #expect(daemon.contains("LogLevel=error drop-in:2"))
        #expect(daemon.contains("AdminGroup=odm default"))
        #expect(
            lines(shown, under: "Source a") == [
                "Kind=static main:5", "Types=fixed main:6", "Types=session-lasting drop-in:5",
                "Prefix=2001:db8::/64 main:7", "Place=loopback default", "MaxAddresses=1024 default",
            ])
    }

    @Test func anEmptiedListBeginsAnew() throws {
        let shown = try settings(
            ("a", "[Rule r]\nUser=1 2\nUser=3\n"), ("b", "[Rule r]\nUser=\nUser=4\nTypes=fixed\n"))
        #expect(
            lines(shown, under: "Rule r") == ["Types=fixed b:4", "User=4 b:3", "Action=allow default"])
    }

    @Test func theBuiltInSourceIsShown() throws {
        #expect(
            lines(try settings(), under: "Source ra") == [
                "Kind=ra default", "Types=non-persistent graceful-replacement default", "Interface=* default",
                "MaxAddresses=1024 default",
            ])
    }

    // MARK: What a reload changes

    @Test func changesAreSaidKeyByKey() throws {
        let old = try settings(
            ("a", "[Daemon]\nAdminGroup=x\n[Rule r]\nUser=1\n[Rule s]\nUser=2\nUser=3\nMaxSockets=2\n"))
        let new = try settings(
            ("a", "[Daemon]\nLogLevel=debug\n[Rule s]\nUser=2\nUser=4\n[Type fixed]\nAcquire=boot\n"))
        #expect(
            old.changes(to: new) == [
                "[Daemon] AdminGroup=odm was x", "[Daemon] LogLevel=debug was info (a:2)",
                "[Rule r] Action=allow is gone",
                "[Rule r] Types=fixed session-lasting non-persistent graceful-replacement is gone",
                "[Rule r] User=1 is gone", "[Rule s] MaxSockets=2 is gone", "[Rule s] User=2 4 was 2 3 (a:5)",
                "[Type fixed] Acquire=boot was demand (a:7)",
            ])
        #expect(old.changes(to: old).isEmpty)
    }
}
