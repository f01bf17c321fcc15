import Mobility
import Posix
import Testing

@testable import Daemon

@Suite("Answers of helpers")
struct HelperReplyTests {
    private static func read(_ text: String) throws(HelperReplyError) -> HelperReply {
        try HelperReply(line: Array(text.utf8))
    }

    @Test func everyMember() throws {
        let reply = try Self.read(
            #"{"version":1,"prefix":"2001:db8:0:100::/64","interface":"wwan0","#
                + #""valid_seconds":3600,"preferred_seconds":1800,"token":"session 5"}"# + "\n")
        guard case .granted(let grant) = reply else { return #expect(Bool(false), "\(reply)") }
        #expect(grant.prefix == "2001:db8:0:100::/64")
        #expect(grant.interface == "wwan0")
        #expect(grant.validSeconds == 3600)
        #expect(grant.preferredSeconds == 1800)
        #expect(grant.token == "session 5")
    }

    @Test(arguments: [
        #"{"version":1,"prefix":"2001:db8::1/128"}"#,
        #"{"version":1,"prefix":"2001:db8::1/128","interface":null,"token":null,"valid_seconds":null}"#,
        #" { "prefix" : "2001:db8::1/128" , "version" : 1 } "#,
        #"{"version":1,"prefix":"2001:0DB8:0:0:0:0:0:1/128","valid_seconds":4294967295,"error":null}"#,
        #"{"version":1,"prefix":"2001:db8::1/128","later":{"a":[1,{}]}}"#,
        "{\"version\":1,\"prefix\":\"2001:db8::1/128\"}\r\n",
    ])
    func asLittleAsCanBe(text: String) throws {
        guard case .granted(let grant) = try Self.read(text) else { return #expect(Bool(false)) }
        #expect(grant.prefix == "2001:db8::1/128")
        #expect(grant.interface == nil && grant.token == nil)
        #expect(grant.validSeconds == nil && grant.preferredSeconds == nil)
    }

    @Test(arguments: [
        (#"{"version":1,"error":"no SIM card"}"#, "no SIM card"),
        (#"{"version":1,"error":""}"#, "it does not say why"),
        (#"{"version":1,"error":"\u001b[2J","prefix":null}"#, #"\u{1b}[2J"#),
    ])
    func refusals(text: String, reason: String) throws {
        #expect(try Self.read(text) == .refused(reason))
    }

    // MARK: What is no answer

    private static let notObjects = [
        "null", "1", "[]", "\"prefix\"", "{", "}", "{]", "prefix=2001:db8::/64", "{} {}", "\u{0}",
        "{\"version\":1,\"error\":\"\u{0}\"}", "{\u{0}\"version\":1}", String(repeating: "[", count: 4000),
        String(repeating: #"{"a":"#, count: 800), " ", "\u{feff}",
    ]

    @Test(arguments: notObjects) func garbage(text: String) {
        #expect(throws: HelperReplyError.notAnObject) { try Self.read(text) }
    }

    @Test func textThatIsNotUTF8() {
        let start = Array(#"{"version":1,"error":""#.utf8)
        for octets: [UInt8] in [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80]] {
            #expect(throws: HelperReplyError.notAnObject) {
                try HelperReply(line: start + octets + Array(#""}"#.utf8))
            }
            #expect(throws: HelperReplyError.notAnObject) {
                try HelperReply(
                    line: Array(#"{"version":1,"error":"no","x":""#.utf8) + octets + Array(#""}"#.utf8))
            }
        }
    }

    @Test func oneLineOfBoundedLength() throws {
        let answer = #"{"version":1,"error":"no"}"#
        let padding = String(repeating: " ", count: HelperReply.longest - answer.utf8.count)
        #expect(try Self.read(answer + padding) == .refused("no"))
        #expect(throws: HelperReplyError.tooLong) { try Self.read(answer + padding + "\n") }
        #expect(throws: HelperReplyError.empty) { try Self.read("") }
        #expect(throws: HelperReplyError.empty) { try Self.read("\n") }
        #expect(throws: HelperReplyError.severalLines) { try Self.read("\n\n") }
        #expect(throws: HelperReplyError.severalLines) { try Self.read("trying\n" + answer + "\n") }
        #expect(throws: HelperReplyError.severalLines) { try Self.read(answer + "\n" + answer) }
    }

    @Test(arguments: [
        (#"{}"#, HelperReplyError.unknownVersion),
        (#"{"version":2,"prefix":"2001:db8::/64"}"#, .unknownVersion),
        (#"{"version":"1","prefix":"2001:db8::/64"}"#, .wrongType("version")),
        (#"{"version":1.5,"prefix":"2001:db8::/64"}"#, .wrongType("version")),
        (#"{"version":1}"#, .neitherPrefixNorError),
        (#"{"version":1,"prefix":null,"error":null}"#, .neitherPrefixNorError),
        (#"{"version":1,"prefix":"2001:db8::/64","error":"no"}"#, .prefixAndError),
        (#"{"version":1,"prefix":["2001:db8::/64"]}"#, .wrongType("prefix")),
        (#"{"version":1,"error":false}"#, .wrongType("error")),
        (#"{"version":1,"error":"\ud800"}"#, .wrongType("error")),
    ])
    func membersThatDoNotFit(text: String, error: HelperReplyError) {
        #expect(throws: error) { try Self.read(text) }
    }

    @Test(arguments: [
        "ff0e::1/128", "ff00::/16", "fe80::/64", "fe80::1/128", "::/128", "::1/128", "::ffff:0:0/96", "::/16",
        "64:ff9b::/96", "2001:db8::1/64", "2000::/15", "::/0", "2001:db8::/129", "2001:db8::/-1",
        "2001:db8::",
        "2001:db8::/64 2001:db8:1::/64", "192.0.2.0/24", "wwan0", "", "/", "/64", "2001:db8::/64/64",
    ])
    func prefixesThatNoSocketCanHave(prefix: String) {
        #expect(throws: HelperReplyError.wrongPrefix(prefix)) {
            try Self.read(#"{"version":1,"prefix":"\#(prefix)"}"#)
        }
    }

    @Test(arguments: [
        (#""valid_seconds":9"#, HelperReplyError.wrongValue("valid_seconds")),
        (#""valid_seconds":0"#, .wrongValue("valid_seconds")),
        (#""valid_seconds":-3600"#, .wrongValue("valid_seconds")),
        (#""valid_seconds":4294967296"#, .wrongValue("valid_seconds")),
        (#""valid_seconds":9223372036854775807"#, .wrongValue("valid_seconds")),
        (#""valid_seconds":1e400"#, .wrongType("valid_seconds")),
        (#""valid_seconds":9223372036854775808"#, .wrongType("valid_seconds")),
        (#""valid_seconds":3600.5"#, .wrongType("valid_seconds")),
        (#""valid_seconds":"3600""#, .wrongType("valid_seconds")),
        (#""valid_seconds":true"#, .wrongType("valid_seconds")),
        (#""preferred_seconds":9"#, .wrongValue("preferred_seconds")),
        (#""valid_seconds":3600,"preferred_seconds":3601"#, .wrongValue("preferred_seconds")),
        (#""interface":"lo""#, .wrongValue("interface")),
        (#""interface":"""#, .wrongValue("interface")),
        (#""interface":"a/b""#, .wrongValue("interface")),
        (#""interface":"sixteen-octets-x""#, .wrongValue("interface")),
        (#""interface":7"#, .wrongType("interface")),
        (#""token":"a\nb""#, .wrongValue("token")),
        (#""token":"\#(String(repeating: "x", count: 257))""#, .wrongValue("token")),
        (#""token":{}"#, .wrongType("token")),
    ])
    func valuesThatAMemberCannotHave(member: String, error: HelperReplyError) {
        #expect(throws: error) { try Self.read(#"{"version":1,"prefix":"2001:db8::/64",\#(member)}"#) }
    }

    // MARK: What a fuzzer begins with

    /// The name of a file begins with what becomes of it.
    @Test func theCorpus() throws {
        let corpus = "\(Fixtures.directory)/corpus/helper"
        let names = try File.names(in: corpus, endingIn: "")
        #expect(names.count > 20)
        for name in names {
            let line = try File.read("\(corpus)/\(name)", limit: 1 << 16)
            let outcome =
                switch try? HelperReply(line: line) {
                case .granted: "granted"
                case .refused: "refused"
                case nil: "wrong"
                }
            #expect(name.hasPrefix(outcome + "-"), "\(name) is \(outcome)")
        }
    }

    @Test func theLongestToken() throws {
        let token = String(repeating: "x", count: 256)
        let reply = try Self.read(#"{"version":1,"prefix":"2001:db8::/64","token":"\#(token)"}"#)
        guard case .granted(let grant) = reply else { return #expect(Bool(false)) }
        #expect(grant.token == token)
    }
}
