import Testing
import Wire

@Suite struct RequestTests {
    /// setsc(fd, …, SESSION_LASTING_IPV6_ADDRESS) with IPV6_REQUIRE_SRC_ON_NET.
    static let setsc: [UInt8] = [
        0x6f, 0x64, 0x6d,  // "odm"
        0x01,  // version 1
        0x01,  // operation: setsc
        0x02,  // type: session-lasting
        0x00, 0x01,  // flags: onNet
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,  // reserved
    ]

    /// The same on behalf of a program that did not ask, without IPV6_REQUIRE_SRC_ON_NET.
    static let onBehalf: [UInt8] = [
        0x6f, 0x64, 0x6d,  // "odm"
        0x01,  // version 1
        0x01,  // operation: setsc
        0x02,  // type: session-lasting
        0x00, 0x02,  // flags: onBehalf
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,  // reserved
    ]

    static let getsc: [UInt8] = [
        0x6f, 0x64, 0x6d,  // "odm"
        0x01,  // version 1
        0x02,  // operation: getsc
        0x00,  // type: none
        0x00, 0x00,  // flags: none
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,  // reserved
    ]

    static let watch: [UInt8] = [
        0x6f, 0x64, 0x6d,  // "odm"
        0x01,  // version 1
        0x03,  // operation: watch
        0x00,  // type: none
        0x00, 0x00,  // flags: none
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,  // reserved
    ]

    @Test func setscIsTheseOctets() throws {
        let request = Request(operation: .setsc, type: 2, flags: .onNet)
        #expect(encoded(request) == Self.setsc)
        #expect(try Request(decoding: Self.setsc.span) == request)
    }

    @Test func setscOnBehalfIsTheseOctets() throws {
        let request = Request(operation: .setsc, type: 2, flags: .onBehalf)
        #expect(encoded(request) == Self.onBehalf)
        #expect(try Request(decoding: Self.onBehalf.span) == request)
    }

    @Test func getscIsTheseOctets() throws {
        let request = Request(operation: .getsc, type: 0)
        #expect(encoded(request) == Self.getsc)
        #expect(try Request(decoding: Self.getsc.span) == request)
    }

    @Test func watchIsTheseOctets() throws {
        let request = Request(operation: .watch, type: 0)
        #expect(encoded(request) == Self.watch)
        #expect(try Request(decoding: Self.watch.span) == request)
    }

    @Test(arguments: [Request.Operation.setsc, .getsc, .watch], 0..<8 as Range<UInt8>)
    func everyRequestComesBack(operation: Request.Operation, type: UInt8) throws {
        for flags in [Request.Flags(), .onNet, .onBehalf, [.onNet, .onBehalf]] {
            let request = Request(operation: operation, type: type, flags: flags)
            #expect(try Request(decoding: encoded(request).span) == request)
        }
    }

    @Test(arguments: Array(0..<Request.size) + Array(Request.size + 1...4 * Request.size))
    func anyOtherLengthIsRefused(length: Int) {
        let endless = Self.setsc + [UInt8](repeating: 0, count: 3 * Request.size)
        #expect(requestError(Array(endless.prefix(length))) == .wrongLength)
    }

    @Test(arguments: 0..<3) func anotherSignatureIsRefused(offset: Int) {
        for value in UInt8.min...UInt8.max where value != Self.setsc[offset] {
            #expect(requestError(Self.setsc.with(value, at: offset)) == .notOurs)
        }
    }

    @Test func everyOtherVersionIsRefused() {
        for version in UInt8.min...UInt8.max where version != 1 {
            #expect(requestError(Self.setsc.with(version, at: 3)) == .unsupportedVersion)
        }
    }

    @Test func everyOtherOperationIsRefused() {
        for operation in UInt8.min...UInt8.max where !(1...3).contains(operation) {
            #expect(requestError(Self.setsc.with(operation, at: 4)) == .unknownOperation)
        }
    }

    @Test func aTypeHasThreeBits() {
        for type in UInt8(8)...UInt8.max {
            #expect(requestError(Self.setsc.with(type, at: 5)) == .reservedBitsSet)
        }
    }

    /// Bits 2 to 15 of the flags, and all of octets 8 to 15.
    @Test(arguments: 6..<16) func eachReservedBitIsRefused(offset: Int) {
        for bit in 0..<8 where !(offset == 7 && bit < 2) {
            let changed = Self.setsc[offset] | 1 << UInt8(bit)
            #expect(requestError(Self.setsc.with(changed, at: offset)) == .reservedBitsSet)
        }
    }

    @Test func whatIsReadIsWhatWouldBeWritten() throws {
        var generator = OctetGenerator()
        for round in 0..<20_000 {
            var bytes = generator.octets(Request.size)
            if round % 2 == 0 { bytes.replaceSubrange(0..<5, with: Self.setsc[0..<5]) }
            if round % 4 == 0 { bytes.replaceSubrange(6..<16, with: Self.setsc[6..<16]) }
            guard requestError(bytes) == nil else { continue }
            #expect(try encoded(Request(decoding: bytes.span)) == bytes)
        }
    }

    @Test func aTypeOfFourBitsIsOurOwnMistake() async {
        await #expect(processExitsWith: .failure) { _ = Request(operation: .setsc, type: 8) }
    }
}
