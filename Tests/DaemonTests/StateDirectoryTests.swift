import Mobility
import Posix
import Testing

@testable import Daemon

@Suite("State directory")
struct StateDirectoryTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func octets(_ name: String) throws -> [UInt8] {
        try File.read("\(directory.path)/\(name)", limit: 100)
    }

    @Test func secretIsMadeOnceForRootAlone() throws {
        let state = StateDirectory(path: "\(directory.path)/state")
        let secret = try state.secret()
        #expect(try state.secret() == secret)
        #expect(try directory.mode("state") == 0o700)
        #expect(try directory.mode("state/secret") == 0o600)
        let text = try octets("state/secret")
        #expect(text.count == 33)
        #expect(text.last == UInt8(ascii: "\n"))
        #expect(try StateDirectory(path: "\(directory.path)/other").secret() != secret)
    }

    @Test(arguments: [
        "0123456789abcdeffedcba9876543210\n", "0123456789ABCDEFFEDCBA9876543210\n",
        "0123456789abcdeffedcba9876543210",
    ])
    func secretIsRead(text: String) throws {
        try directory.write("secret", text)
        let secret = try StateDirectory(path: directory.path).secret()
        #expect(secret == Secret(high: 0x0123_4567_89ab_cdef, low: 0xfedc_ba98_7654_3210))
    }

    @Test func secretKeepsItsLeadingZeros() throws {
        try directory.write("secret", "00000000000000010000000000000002\n")
        #expect(try StateDirectory(path: directory.path).secret() == Secret(high: 1, low: 2))
    }

    @Test(arguments: [
        "", "\n", "0123", "0123456789abcdeffedcba987654321\n", "0123456789abcdeffedcba98765432100\n",
        "0123456789abcdeffedcba987654321g\n", "+123456789abcdeffedcba9876543210\n",
        "0123456789abcdeffedcba9876543210\n\n", "0123456789abcdeffedcba9876543210\r\n",
        " 0123456789abcdeffedcba987654321\n", String(repeating: "0", count: 1_000),
    ])
    func damagedSecretIsRefusedAndLeftAlone(text: String) throws {
        try directory.write("secret", text)
        let file = "\(directory.path)/secret"
        #expect(throws: StateDirectoryError.malformedSecret(path: file)) {
            try StateDirectory(path: directory.path).secret()
        }
        #expect(try File.read(file, limit: 2_000) == Array(text.utf8))
    }

    @Test func errorsReadAsLogLines() throws {
        #expect(
            StateDirectoryError.malformedSecret(path: "/var/lib/odmd/secret").description
                == "/var/lib/odmd/secret: not 32 hexadecimal digits and a line end; "
                + "restore it, or remove it to get a new secret and with it other addresses")
        try directory.write("file", "")
        #expect {
            try StateDirectory(path: "\(directory.path)/file").secret()
        } throws: { error in
            "\(error)" == "open \(directory.path)/file/secret: Not a directory"
        }
    }
}
