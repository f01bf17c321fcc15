import FuzzCorpus
import Mobility
import NetworkSide
import Testing

/// Octets that are a message, and octets that are none.
@Suite("Decoding DHCPv6 messages") struct DHCPv6DecodingTests {
    private func decode(_ text: String) throws(DHCPv6DecodingError) -> DHCPv6Message {
        try DHCPv6Message(octets(text).span, continuityOption: 65_001)
    }

    @Test func everyOption() throws {
        let message = try decode(
            """
            02 abcdef                    # Advertise, transaction
            0001 0003 0004c0             # Client Identifier
            0002 0003 0003a1             # Server Identifier
            0007 0001 ff                 # Preference
            0052 0004 00000e10           # SOL_MAX_RT
            0053 0004 00000e10           # INF_MAX_RT, skipped
            0017 0000                    # DNS servers, skipped
            fde9 0001 02                 # continuity
            000d 0004 0000 6f6b          # Status Code: Success, "ok"
            0003 0028 00000001           # IA_NA, IAID
                 00000005 00000008       #   T1, T2
              0005 0018                  #   IAADDR
                   20010db8000a0000 0000000000000001
                   0000000a 00000014     #     preferred, valid
            0019 0048 00000002           # IA_PD, IAID
                 00000000 ffffffff       #   T1, T2
              001a 0030                  #   IAPREFIX
                   0000000a 00000014 38  #     preferred, valid, length
                   20010db8000affff ffffffffffffffff
                fde9 0001 03             #     continuity
                000d 0008 0006 66756c6c0a07  # Status Code: NoPrefixAvail, "full", control characters
                0017 0002 0000           #     skipped
              000d 0004 0003 0041        #   Status Code: NoBinding, a zero and "A"
            """)
        #expect(message.kind == .advertise)
        #expect(message.transactionIdentifier == 0xab_cdef)
        #expect(message.clientIdentifier == [0, 4, 0xc0])
        #expect(message.serverIdentifier == [0, 3, 0xa1])
        #expect(message.preference == 255)
        #expect(message.maxSolicitTimeoutSeconds == 3600)
        #expect(message.continuityCode == 2)
        #expect(message.status == DHCPv6Status(.success, text: Array("ok".utf8)))
        #expect(
            message.associations == [
                IdentityAssociation(
                    .nonTemporaryAddress, identifier: 1, renewalSeconds: 5, rebindingSeconds: 8,
                    assignments: [
                        .init(prefix("2001:db8:a::1/128"), preferredSeconds: 10, validSeconds: 20)
                    ]),
                IdentityAssociation(
                    .prefixDelegation, identifier: 2, rebindingSeconds: .max,
                    assignments: [
                        .init(
                            prefix("2001:db8:a:ff00::/56"), preferredSeconds: 10, validSeconds: 20,
                            status: DHCPv6Status(.noPrefixAvailable, text: Array("full??".utf8)),
                            continuityCode: 3)
                    ], status: DHCPv6Status(.noBinding, text: Array("?A".utf8))),
            ])
    }

    @Test(
        arguments: [
            ("", .tooShort), ("07 0000", .tooShort), ("00 000001", .unknownKind(0)),
            ("0a 000001", .unknownKind(10)), ("0d 000001", .unknownKind(13)),
            ("07 000001 00", .optionBeyondEnd), ("07 000001 0001 00", .optionBeyondEnd),
            ("07 000001 0001 0004 000000", .optionBeyondEnd), ("07 000001 1234 ffff", .optionBeyondEnd),
            ("07 000001 0001 0000", .wrongLength(option: 1)),
            ("07 000001 0002 0002 0003", .wrongLength(option: 2)),
            ("07 000001 0006 0001 00", .wrongLength(option: 6)),
            ("07 000001 0007 0000", .wrongLength(option: 7)),
            ("07 000001 0007 0002 0000", .wrongLength(option: 7)),
            ("07 000001 0008 0001 00", .wrongLength(option: 8)),
            ("07 000001 000d 0001 00", .wrongLength(option: 13)),
            ("07 000001 000e 0001 00", .wrongLength(option: 14)),
            ("07 000001 000f 0003 000200", .wrongLength(option: 15)),
            ("07 000001 0052 0003 000000", .wrongLength(option: 82)),
            ("07 000001 fde9 0000", .wrongLength(option: 65_001)),
            ("07 000001 fde9 0002 0000", .wrongLength(option: 65_001)),
            ("07 000001 0003 000b 0000000000000000000000", .wrongLength(option: 3)),
            ("07 000001 0019 000b 0000000000000000000000", .wrongLength(option: 25)),
            ("07 000001 0019 000f 000000000000000000000000 001a00", .optionBeyondEnd),
            ("07 000001 0019 0011 000000000000000000000000 001a0002 00", .optionBeyondEnd),
            ("07 000001 0019 0011 000000000000000000000000 001a0001 00", .wrongLength(option: 26)),
            ("07 000001 0003 0011 000000000000000000000000 00050001 00", .wrongLength(option: 5)),
            (
                """
                07 000001 0019 0029 000000000000000000000000
                001a 0019 0000000000000000 81 00000000000000000000000000000000
                """, .prefixTooLong(bits: 129)
            ),
        ] as [(String, DHCPv6DecodingError)])
    func malformed(text: String, error: DHCPv6DecodingError) {
        #expect(throws: error) { try decode(text) }
    }

    @Test func whatStandsTwiceCountsAsItStandsFirst() throws {
        let message = try decode(
            """
            07 000001
            0001 0003 000401 0001 0003 000402   # Client Identifier
            0007 0001 03   0007 0001 04   # Preference
            000d 0002 0003 000d 0002 0000 # Status Code
            fde9 0001 01   fde9 0001 02   # continuity
            """)
        #expect(message.clientIdentifier == [0, 4, 1])
        #expect(message.preference == 3)
        #expect(message.status == DHCPv6Status(.noBinding))
        #expect(message.continuityCode == 1)
    }

    @Test func withoutItsNumberTheContinuityOptionIsSkipped() throws {
        let message = try DHCPv6Message(octets("07 000001 fde9 0003 000000").span)
        #expect(message.continuityCode == nil)
    }

    @Test func thereIsABoundToEverythingThatIsKept() {
        let identifier = Array(repeating: "00", count: 131).joined()
        #expect(throws: DHCPv6DecodingError.wrongLength(option: 1)) {
            try decode("07 000001 0001 0083 \(identifier)")
        }
        let association = "0019 000c 000000010000000000000000"
        let associations = Array(repeating: association, count: 17).joined()
        #expect(throws: DHCPv6DecodingError.tooMany(option: 25)) { try decode("07 000001 \(associations)") }
        let assignment = "0005 0018 \(Array(repeating: "00", count: 24).joined())"
        let assignments = Array(repeating: assignment, count: 65).joined()
        #expect(throws: DHCPv6DecodingError.tooMany(option: 5)) {
            try decode("07 000001 0003 0728 000000010000000000000000 \(assignments)")
        }
    }

    @Test func longWordsOfAServerAreCut() throws {
        let words = Array(repeating: UInt8(ascii: "x"), count: 1000)
        #expect(DHCPv6Status(.success, text: words).text.utf8.count == DHCPv6Status.textLimit)
    }

    /// No octet, cut anywhere or changed anyhow, leads to a trap, and what was understood is written as it was read.
    @Test func damagedMessages() throws {
        var client = DHCPv6Client(.continuityOption(code: 65_001))
        _ = client.solicit()
        let answer = client.answer(.advertise, [DHCPv6Client.hundred, DHCPv6Client.other]) {
            $0.status = DHCPv6Status(.success, text: Array("fine".utf8))
            $0.maxSolicitTimeoutSeconds = 100
            $0.userClasses = [[1, 2], []]
        }
        let whole = answer.encoded(continuityOption: 65_001)
        #expect(try DHCPv6Message(whole.span, continuityOption: 65_001) == answer)
        for length in 0..<whole.count { _ = client.hear(Array(whole[..<length])) }
        for index in whole.indices {
            for value in [0, 1, 0x7f, 0x80, 0xff] as [UInt8] {
                var damaged = whole
                damaged[index] = value
                var damagedClient = client
                _ = damagedClient.hear(damaged)
                guard let read = try? DHCPv6Message(damaged.span, continuityOption: 65_001) else { continue }
                let again = read.encoded(continuityOption: 65_001)
                #expect(try DHCPv6Message(again.span, continuityOption: 65_001) == read)
            }
        }
    }
}
