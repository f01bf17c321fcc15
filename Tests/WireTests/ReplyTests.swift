import Testing
import Wire

@Suite struct ReplyTests {
    /// Session-lasting 2001:db8:a:1:2:3:4:5 for a setsc.
    static let granted: [UInt8] = [
        0x6f, 0x64, 0x6d,  // "odm"
        0x01,  // version 1
        0x81,  // operation: answer to setsc
        0x02,  // type: session-lasting
        0x00,  // status: granted
        0x00,  // zero
        0x00, 0x00, 0x00, 0x00,  // errno: none
        0x00, 0x00, 0x00, 0x00,  // reserved
        0x20, 0x01, 0x0d, 0xb8, 0x00, 0x0a, 0x00, 0x01,  // address
        0x00, 0x02, 0x00, 0x03, 0x00, 0x04, 0x00, 0x05,
    ]

    /// getsc on a socket that was given nothing.
    static let refused: [UInt8] = [
        0x6f, 0x64, 0x6d,  // "odm"
        0x01,  // version 1
        0x82,  // operation: answer to getsc
        0x00,  // type: none
        0x03,  // status: caller's error
        0x00,  // zero
        0x00, 0x00, 0x00, 0x02,  // errno: ENOENT
        0x00, 0x00, 0x00, 0x00,  // reserved
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,  // address: none
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    ]

    @Test func aGrantIsTheseOctets() throws {
        let reply = Reply(
            operation: 1, type: 2, status: .granted,
            addressHigh: 0x2001_0db8_000a_0001, addressLow: 0x0002_0003_0004_0005)
        #expect(encoded(reply) == Self.granted)
        #expect(try Reply(decoding: Self.granted.span) == reply)
    }

    @Test func aRefusalIsTheseOctets() throws {
        let reply = Reply(operation: 2, status: .callerError, errno: 2)
        #expect(encoded(reply) == Self.refused)
        #expect(try Reply(decoding: Self.refused.span) == reply)
    }

    @Test(arguments: [Reply.Status.granted, .notSupported, .failed, .callerError], 0..<8 as Range<UInt8>)
    func everyReplyComesBack(status: Reply.Status, type: UInt8) throws {
        for errno in [0, 1, 255, 256, 0x0102_0304, Int32.max, -1, Int32.min] {
            let reply = Reply(
                operation: 0x7f, type: type, status: status, errno: errno,
                addressHigh: .max, addressLow: 1 << 63)
            #expect(try Reply(decoding: encoded(reply).span) == reply)
        }
    }

    @Test(arguments: Array(0..<Reply.size) + Array(Reply.size + 1...2 * Reply.size))
    func anyOtherLengthIsRefused(length: Int) {
        let endless = Self.granted + [UInt8](repeating: 0, count: Reply.size)
        #expect(replyError(Array(endless.prefix(length))) == .wrongLength)
    }

    @Test(arguments: 0..<3) func anotherSignatureIsRefused(offset: Int) {
        for value in UInt8.min...UInt8.max where value != Self.granted[offset] {
            #expect(replyError(Self.granted.with(value, at: offset)) == .notOurs)
        }
    }

    @Test func everyOtherVersionIsRefused() {
        for version in UInt8.min...UInt8.max where version != 1 {
            #expect(replyError(Self.granted.with(version, at: 3)) == .unsupportedVersion)
        }
    }

    @Test func aRequestIsNoReply() {
        for operation in UInt8(0)..<0x80 {
            #expect(replyError(Self.granted.with(operation, at: 4)) == .unknownOperation)
        }
        #expect(requestError(Array(Self.granted.prefix(Request.size))) == .unknownOperation)
    }

    @Test func everyOtherStatusIsRefused() {
        for status in UInt8(4)...UInt8.max {
            #expect(replyError(Self.granted.with(status, at: 6)) == .unknownStatus)
        }
    }

    @Test func aTypeHasThreeBits() {
        for type in UInt8(8)...UInt8.max {
            #expect(replyError(Self.granted.with(type, at: 5)) == .reservedBitsSet)
        }
    }

    @Test(arguments: [7, 12, 13, 14, 15]) func eachReservedBitIsRefused(offset: Int) {
        for bit in 0..<8 {
            #expect(replyError(Self.granted.with(1 << UInt8(bit), at: offset)) == .reservedBitsSet)
        }
    }

    @Test func whatIsReadIsWhatWouldBeWritten() throws {
        var generator = OctetGenerator()
        for round in 0..<20_000 {
            var bytes = generator.octets(Reply.size)
            if round % 2 == 0 { bytes.replaceSubrange(0..<8, with: Self.granted[0..<8]) }
            if round % 4 == 0 { bytes.replaceSubrange(12..<16, with: Self.granted[12..<16]) }
            guard replyError(bytes) == nil else { continue }
            #expect(try encoded(Reply(decoding: bytes.span)) == bytes)
        }
    }

    @Test func aTypeOfFourBitsIsOurOwnMistake() async {
        await #expect(processExitsWith: .failure) { _ = Reply(operation: 1, type: 8, status: .granted) }
    }
}
