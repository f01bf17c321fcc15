import ArgumentParser
import Posix
import Testing

@testable import odmctl

@Suite struct ServiceTests {
    @Test(arguments: [
        ("nginx", "nginx.service"), ("nginx.service", "nginx.service"), ("a.b", "a.b.service"),
        ("foo@", "foo@.service"), ("foo@bar.service", "foo@bar.service"),
        (#"foo@a\x2db"#, #"foo@a\x2db.service"#),
    ])
    func aServiceHasAName(written: String, text: String) throws {
        #expect(try ServiceName(written).text == text)
    }

    @Test(arguments: [
        "", ".service", "@.service", "../x", "a/b", "/etc", "foo.socket", "foo.slice", "a b", "a\nb", "é",
        String(repeating: "x", count: 248),
    ])
    func nothingElseHas(written: String) {
        #expect(throws: ValidationError.self) { try ServiceName(written) }
    }

    @Test func aTemplateStandsForItsInstances() throws {
        let template = try ServiceName("foo@")
        #expect(template.isTemplate && template.restartable == "'foo@*.service'")
        #expect(template.lookable == "foo@odm.service")
        let instance = try ServiceName("foo@bar")
        #expect(!instance.isTemplate && instance.lookable == "foo@bar.service")
    }

    // MARK: What systemd says

    @Test func propertiesHaveOneLineOrSeveral() {
        let properties = ServiceProperties(
            """
            LoadState=loaded
            User=
            ExecStart={ path=/bin/echo ; argv[]=/bin/echo path=/x ; ignore_errors=no ; pid=0 }
            ExecStart={ path=/bin/a b ; argv[]=/bin/a b ; ignore_errors=yes }
            Environment=A=1 "LD_PRELOAD=/a.so /b.so" B=2
            """)
        #expect(properties["LoadState"] == "loaded")
        #expect(properties["User"] == nil && properties["Group"] == nil)
        #expect(properties.programs == ["/bin/echo", "/bin/a b"])
        #expect(properties.variable("LD_PRELOAD") == "/a.so /b.so")
        #expect(properties.variable("C") == nil)
    }

    @Test(arguments: [
        ("", []), ("PrivateNetwork=no", []), ("PrivateNetwork=yes", ["PrivateNetwork=yes"]),
        ("RestrictAddressFamilies=AF_INET6 AF_UNIX", []),
        ("RestrictAddressFamilies=AF_INET6", ["RestrictAddressFamilies="]),
        ("RestrictAddressFamilies=~AF_UNIX", ["RestrictAddressFamilies="]),
        ("RestrictAddressFamilies=~AF_PACKET AF_UNIX", ["RestrictAddressFamilies="]),
        ("RestrictAddressFamilies=~AF_PACKET", []),
        ("RootDirectory=/srv", ["RootDirectory="]), ("RootDirectory=/", []),
        ("RootImage=/x", ["RootDirectory="]),
        ("ExecStart={ path=/nonexistent ; argv[]=x }", []),
    ])
    func sandboxesMayBeInTheWay(text: String, beginnings: [String]) {
        let obstacles = ServiceProperties(text).obstacles
        #expect(obstacles.count == beginnings.count)
        for (obstacle, beginning) in zip(obstacles, beginnings) { #expect(obstacle.hasPrefix(beginning)) }
    }

    @Test func theUserOfAServiceRunsItsPrograms() {
        #expect(ServiceProperties("").caller.user == 0)
        #expect(ServiceProperties("User=7\nGroup=8").caller == .init(user: 7, group: 8))
        #expect(ServiceProperties("User=no such user").caller.user == 65534)
        #expect(ServiceProperties("DynamicUser=yes").caller.user == 65534)
    }

    // MARK: What is written

    @Test(arguments: [
        ("A=1", #""A=1""#), ("A=a b", #""A=a b""#), (#"A="\%"#, #""A=\"\\%%""#),
    ])
    func wordsAreQuotedForSystemd(word: String, quoted: String) {
        #expect(UnitWords.quoted(word) == quoted)
    }

    @Test(arguments: [
        ("", []), ("a  b", ["a", "b"]), (#""a b" 'c "d' e\ f"#, ["a b", #"c "d"#, "e f"]),
        (#""a\"b""#, [#"a"b"#]), (#""""#, [""]), (#""a"#, ["a"]),
    ])
    func wordsAreSplitAsSystemdDoes(text: String, words: [String]) {
        #expect(UnitWords.split(text) == words)
    }

    @Test func aDropInSaysWhoWroteIt() throws {
        let service = try ServiceName("foo@")
        let text = DropIn.text(
            for: service, DropIn.setting([("LD_PRELOAD", "/l/x.so"), ("ODM_RUN", "fixed serve")]))
        #expect(
            text == """
                # Written by odmctl enable-unit, which replaces it; odmctl disable-unit foo@.service removes it.
                [Service]
                Environment="LD_PRELOAD=/l/x.so" "ODM_RUN=fixed serve"

                """)
        #expect(DropIn(of: service, in: .lasting).path == "/etc/systemd/system/foo@.service.d/50-odm.conf")
        #expect(DropIn(of: service, in: .untilBoot).path == "/run/systemd/system/foo@.service.d/50-odm.conf")
    }
}
