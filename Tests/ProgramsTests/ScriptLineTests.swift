import Programs
import Testing

@Suite struct ScriptLineTests {
    @Test(
        arguments: [
            ("#!/bin/sh\necho", "/bin/sh", nil), ("#!/bin/sh", "/bin/sh", nil),
            ("#! \t/bin/sh \t\n", "/bin/sh", nil), ("#!/bin/sh -e x \n", "/bin/sh", "-e x"),
            ("#!/usr/bin/env python3\n", "/usr/bin/env", "python3"), ("#!/bin/sh\0x\n", "/bin/sh", nil),
        ] as [(String, String, String?)])
    func asTheKernelReadsIt(text: String, interpreter: String, argument: String?) throws {
        let line = try #require(ScriptLine(Array(text.utf8)))
        #expect(line.interpreter == interpreter && line.argument == argument)
    }

    @Test(arguments: ["", "#", "#!", "#!\n/bin/sh", "#! \t\n", " #!/bin/sh", "\u{7F}ELF", "echo"])
    func whatIsNoScript(text: String) { #expect(ScriptLine(Array(text.utf8)) == nil) }

    /// The kernel does not run half a path, but does cut an argument off.
    @Test func aLineHasALimit() {
        let path = "/" + String(repeating: "x", count: ScriptLine.limit - 4)
        #expect(ScriptLine(Array("#!\(path)\n".utf8))?.interpreter == path)
        #expect(ScriptLine(Array("#!\(path)x\n".utf8)) == nil)
        let argument = String(repeating: "y", count: 300)
        #expect(ScriptLine(Array("#!/bin/sh \(argument)\n".utf8))?.argument?.count == ScriptLine.limit - 10)
    }

    @Test(
        arguments: [
            ("/usr/bin/env python3", "python3"), ("/usr/bin/env -S python3 -u", "python3"),
            ("/bin/env -S A=1 B=2 perl", "perl"), ("/usr/bin/env -Sperl -w", "perl"), ("/usr/bin/env", nil),
            ("/usr/bin/env -i perl", nil), ("/usr/bin/env -S -i perl", nil), ("/usr/bin/envy perl", nil),
        ] as [(String, String?)])
    func envNamesAnother(text: String, name: String?) {
        #expect(ScriptLine(Array("#!\(text)\n".utf8))?.nameForEnv == name)
    }
}
