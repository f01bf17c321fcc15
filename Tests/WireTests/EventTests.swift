import Testing
import Wire

@Suite struct EventTests {
    /// Graceful-replacement 2001:db8:a:1:2:3:4:5 ends in a minute; 2001:db8:b::6 comes instead.
    static let replaced: [UInt8] = [
        0x6f, 0x64, 0x6d,  // "odm"
        0x01,  // version 1
        0x02,  // what: replaced
        0x04,  // type: graceful-replacement
        0x00, 0x00,  // zero
        0x00, 0x00, 0xea, 0x60,  // milliseconds: 60,000
        0x00, 0x00, 0x00, 0x00,  // reserved
        0x20, 0x01, 0x0d, 0xb8, 0x00, 0x0a, 0x00, 0x01,  // address
        0x00, 0x02, 0x00, 0x03, 0x00, 0x04, 0x00, 0x05,
        0x20, 0x01, 0x0d, 0xb8, 0x00, 0x0b, 0x00, 0x00,  // replacement
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x06,
    ]

    /// Session-lasting 2001:db8:a:1:2:3:4:5 is not given to others any more, and stays for those who have it.
    static let deprecated: [UInt8] = [
        0x6f, 0x64, 0x6d,  // "odm"
        0x01,  // version 1
        0x01,  // what: deprecated
        0x02,  // type: session-lasting
        0x00, 0x00,  // zero
        0xff, 0xff, 0xff, 0xff,  // milliseconds: no end
        0x00, 0x00, 0x00, 0x00,  // reserved
        0x20, 0x01, 0x0d, 0xb8, 0x00, 0x0a, 0x00, 0x01,  // address
        0x00, 0x02, 0x00, 0x03, 0x00, 0x04, 0x00, 0x05,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,  // replacement: none
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    ]

    @Test func aReplacementIsTheseOctets() throws {
        let event = Event(
            .replaced, type: 4, milliseconds: 60_000, addressHigh: 0x2001_0db8_000a_0001,
            addressLow: 0x0002_0003_0004_0005, replacementHigh: 0x2001_0db8_000b_0000, replacementLow: 6)
        #expect(encoded(event) == Self.replaced)
        #expect(try Event(decoding: Self.replaced.span) == event)
    }

    @Test func anEndlessDeprecationIsTheseOctets() throws {
        let event = Event(
            .deprecated, type: 2, addressHigh: 0x2001_0db8_000a_0001, addressLow: 0x0002_0003_0004_0005)
        #expect(encoded(event) == Self.deprecated)
        #expect(try Event(decoding: Self.deprecated.span) == event)
    }

    @Test(arguments: Event.What.allCases, 0..<8 as Range<UInt8>)
    func everyEventComesBack(what: Event.What, type: UInt8) throws {
        for milliseconds: UInt32 in [0, 1, 255, 256, 0x0102_0304, .max - 1, .max] {
            let event = Event(
                what, type: type, milliseconds: milliseconds, addressHigh: .max, addressLow: 1 << 63,
                replacementHigh: 1, replacementLow: 1 << 56)
            #expect(try Event(decoding: encoded(event).span) == event)
        }
    }

    @Test(arguments: Array(0..<Event.size) + Array(Event.size + 1...2 * Event.size))
    func anyOtherLengthIsRefused(length: Int) {
        let endless = Self.replaced + [UInt8](repeating: 0, count: Event.size)
        #expect(eventError(Array(endless.prefix(length))) == .wrongLength)
    }

    @Test(arguments: 0..<3) func anotherSignatureIsRefused(offset: Int) {
        for value in UInt8.min...UInt8.max where value != Self.replaced[offset] {
            #expect(eventError(Self.replaced.with(value, at: offset)) == .notOurs)
        }
    }

    @Test func everyOtherVersionIsRefused() {
        for version in UInt8.min...UInt8.max where version != 1 {
            #expect(eventError(Self.replaced.with(version, at: 3)) == .unsupportedVersion)
        }
    }

    @Test func everyOtherEventIsRefused() {
        for what in UInt8.min...UInt8.max where !(1...4).contains(what) {
            #expect(eventError(Self.replaced.with(what, at: 4)) == .unknownEvent)
        }
    }

    @Test func aTypeHasThreeBits() {
        for type in UInt8(8)...UInt8.max {
            #expect(eventError(Self.replaced.with(type, at: 5)) == .reservedBitsSet)
        }
    }

    @Test(arguments: [6, 7, 12, 13, 14, 15]) func eachReservedBitIsRefused(offset: Int) {
        for bit in 0..<8 {
            #expect(eventError(Self.replaced.with(1 << UInt8(bit), at: offset)) == .reservedBitsSet)
        }
    }

    /// Not even if both had the same length.
    @Test func noReplyCanBeTakenForAnEvent() {
        let zeros = [UInt8](repeating: 0, count: Event.size - Reply.size)
        #expect(eventError(ReplyTests.granted + zeros) == .unknownEvent)
        #expect(replyError(Array(Self.deprecated.prefix(Reply.size))) == .unknownOperation)
    }

    @Test func whatIsReadIsWhatWouldBeWritten() throws {
        var generator = OctetGenerator()
        for round in 0..<20_000 {
            var bytes = generator.octets(Event.size)
            if round % 2 == 0 { bytes.replaceSubrange(0..<8, with: Self.replaced[0..<8]) }
            if round % 4 == 0 { bytes.replaceSubrange(12..<16, with: Self.replaced[12..<16]) }
            guard eventError(bytes) == nil else { continue }
            #expect(try encoded(Event(decoding: bytes.span)) == bytes)
        }
    }

    @Test func aTypeOfFourBitsIsOurOwnMistake() async {
        await #expect(processExitsWith: .failure) {
            _ = Event(.removed, type: 8, addressHigh: 1, addressLow: 1)
        }
    }
}
