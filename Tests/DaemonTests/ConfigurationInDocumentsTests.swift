import Testing

@testable import Daemon

/// What readers copy from the documentation is configuration that is good.
@Suite("Configuration that is shown in documents")
struct ConfigurationInDocumentsTests {
    /// Pages on which every block that is marked as `ini` is configuration of odmd, whole: rules and types without a source
    /// are for what routers advertise.
    private static let pages = ["README.md", "docs/deployment.md", "docs/policy.md", "docs/sources.md"]

    private static func blocks(of page: String) throws -> [String] {
        var blocks: [String] = []
        var block: [Substring]?
        for line in try documentation(page).split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "```ini" {
                block = []
            } else if line == "```", let lines = block {
                blocks.append(lines.joined(separator: "\n") + "\n")
                block = nil
            } else {
                block?.append(line)
            }
        }
        #expect(block == nil, "\(page): a block ends")
        return blocks
    }

    /// Names are those of users and groups of the reader's machine; this one need not have them. A number is always good.
    private static func withoutNames(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            ["User=", "Group="].first(where: line.hasPrefix).map { "\($0)1000 1001" } ?? String(line)
        }.joined(separator: "\n")
    }

    @Test(arguments: pages) func isGood(page: String) throws {
        let directory = try TemporaryDirectory()
        for block in try Self.blocks(of: page) {
            try directory.write("odmd.conf", Self.withoutNames(block))
            let check = ConfigurationCheck(path: "\(directory.path)/odmd.conf", isDefaultPath: false)
            #expect(check.isGood, "\(page): \(check.text)\n\(block)")
        }
    }

    @Test(arguments: [("README.md", 1), ("docs/deployment.md", 4), ("docs/policy.md", 2)])
    func isFound(page: String, count: Int) throws {
        #expect(try Self.blocks(of: page).count >= count)
    }
}
