import Testing

@testable import Daemon

@Suite("Lines of a configuration file")
struct ConfigurationFileTests {
    /// Section headers as `[…]`, assignments as `LINE KEY=VALUE`.
    private func statements(_ text: String) -> [String] {
        let file = ConfigurationFile(path: "test.conf", octets: Array(text.utf8))
        #expect(file.errors == [])
        return file.lines.map { line in
            switch line.statement {
            case .section(let name): "\(line.location.line) [\(name)]"
            case .brokenSection: "\(line.location.line) broken"
            case .assignment(let assignment): "\(line.location.line) \(assignment.text)"
            }
        }
    }

    @Test(arguments: [
        ("", []),
        ("\n\n \t \n", []),
        ("[A]\nB=c\n", ["1 [A]", "2 B=c"]),
        ("[A]\nB=c", ["1 [A]", "2 B=c"]),
        ("  [A]  \n\t B \t=  c d  \n", ["1 [A]", "2 B=c d"]),
        ("[ A  b ]", ["1 [A  b]"]),
        ("B=c=d\nB==\n", ["1 B=c=d", "2 B=="]),
        ("B=\n", ["1 B="]),
        ("# B=c\n; B=c\n  # B=c\nD=e\n", ["4 D=e"]),
        ("#[A] \\\nB=c\n", ["2 B=c"]),
        ("B=#\n", ["1 B=#"]),
        ("B=c \\\n  d\nE=f\n", ["1 B=c d", "3 E=f"]),
        ("B=c\\\nd\n", ["1 B=c d"]),
        ("B=c\\\n# not this\n; nor this\\\nd\n", ["1 B=c d"]),
        ("B=c\\\n\nD=e\n", ["1 B=c", "3 D=e"]),
        ("B=\\\n\\\nc\n", ["1 B=c"]),
        ("[A]\r\nB=c\r\n\r\nD=e\\\r\nf\r\n", ["1 [A]", "2 B=c", "4 D=e f"]),
        ("\u{feff}[A]\nB=c\n", ["1 [A]", "2 B=c"]),
        ("B=ü→😀\n", ["1 B=ü→😀"]),
    ])
    func areRead(text: String, expected: [String]) {
        #expect(statements(text) == expected)
    }

    @Test func anyOctetsAreReadWithoutATrap() {
        var state: UInt64 = 0x0d0d
        let alphabet = Array("[]=#;\\ \t\r\n\0aB9:/\u{fe}ü".utf8) + [0xff, 0xc3]
        for _ in 0..<2_000 {
            let octets = (0..<64).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return alphabet[Int(state >> 33) % alphabet.count]
            }
            let file = ConfigurationFile(path: "test.conf", octets: octets)
            let rows = octets.split(separator: 0x0a, omittingEmptySubsequences: false).count
            #expect(file.lines.allSatisfy { (1...rows).contains($0.location.line) })
            #expect(file.errors.count <= 2 * rows + 1)
        }
    }
}
