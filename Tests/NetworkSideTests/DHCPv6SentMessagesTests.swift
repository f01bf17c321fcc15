import FuzzCorpus
import Mobility
import NetworkSide
import Testing

/// Every kind of message that is sent, octet by octet, and how each tells the type.
@Suite("DHCPv6 messages on the wire") struct DHCPv6SentMessagesTests {
    /// What differs from run to run is put in by hand: the transaction is the one that the seed leads to.
    private func transaction(_ client: DHCPv6Client) -> String { hex(Array(client.sentOctets[1...3])) }

    @Test func solicit() {
        var client = DHCPv6Client()
        #expect(client.solicit() == [])
        #expect(
            client.sentOctets
                == octets(
                    """
                    01 \(transaction(client))   # Solicit, transaction
                    0001 0003 0004c0            # Client Identifier
                    0008 0002 0000              # Elapsed Time: 0
                    000e 0000                   # Rapid Commit
                    0006 0002 0052              # Option Request: SOL_MAX_RT
                    0019 000c 02000001          # IA_PD, IAID
                         00000000 00000000      #   T1, T2
                    """))
    }

    @Test func solicitOfAnAddressWithTheTypeAsUserClass() {
        var client = DHCPv6Client(.userClass, content: .nonTemporaryAddress)
        #expect(client.solicit() == [])
        #expect(
            client.sentOctets
                == octets(
                    """
                    01 \(transaction(client))   # Solicit, transaction
                    0001 0003 0004c0            # Client Identifier
                    0008 0002 0000              # Elapsed Time: 0
                    000e 0000                   # Rapid Commit
                    0006 0002 0052              # Option Request: SOL_MAX_RT
                    000f 0015 0013              # User Class, length of its only data
                         6f646d2d               #   "odm-"
                         73657373696f6e         #   "session"
                         2d6c617374696e67       #   "-lasting"
                    0003 000c 02000001          # IA_NA, IAID
                         00000000 00000000      #   T1, T2
                    """))
    }

    @Test func solicitWithTheTypeAsContinuityOption() {
        var client = DHCPv6Client(.continuityOption(code: 65_001))
        #expect(client.solicit() == [])
        #expect(
            client.sentOctets
                == octets(
                    """
                    01 \(transaction(client))   # Solicit, transaction
                    0001 0003 0004c0            # Client Identifier
                    0008 0002 0000              # Elapsed Time: 0
                    000e 0000                   # Rapid Commit
                    0006 0004 0052 fde9         # Option Request: SOL_MAX_RT, the continuity option
                    fde9 0001 02                # continuity: Session-lasting
                    0019 002e 02000001          # IA_PD, IAID
                         00000000 00000000      #   T1, T2
                      001a 001e                 #   IAPREFIX
                         00000000 00000000      #     preferred, valid
                         00                     #     ::/0
                         0000000000000000 0000000000000000
                        fde9 0001 02            #     continuity: Session-lasting
                    """))
    }

    @Test func solicitWithAHint() {
        var client = DHCPv6Client(hint: prefix("2001:db8:a::/56"))
        #expect(client.solicit() == [])
        #expect(
            client.sentOctets.suffix(45)
                == octets(
                    """
                    0019 0029 02000001          # IA_PD, IAID
                         00000000 00000000      #   T1, T2
                      001a 0019                 #   IAPREFIX
                         00000000 00000000      #     preferred, valid
                         38                     #     /56
                         20010db8000a0000 0000000000000000
                    """))
    }

    @Test func request() {
        var client = DHCPv6Client()
        _ = client.solicit()
        let first = client.sent.transactionIdentifier
        _ = client.hear(client.answer(.advertise, [DHCPv6Client.hundred]) { $0.preference = 255 })
        #expect(client.sent.transactionIdentifier != first)
        #expect(
            client.sentOctets
                == octets(
                    """
                    03 \(transaction(client))   # Request, transaction
                    0001 0003 0004c0            # Client Identifier
                    0002 0003 0003a1            # Server Identifier
                    0008 0002 0000              # Elapsed Time: 0
                    0006 0002 0052              # Option Request: SOL_MAX_RT
                    \(association)
                    """))
    }

    @Test func renewWithTheTypeAsUserClass() {
        var client = DHCPv6Client.bound(telling: .userClass)
        #expect(client.waitForDeadline() == [])
        #expect(
            client.sentOctets
                == octets(
                    """
                    05 \(transaction(client))   # Renew, transaction
                    0001 0003 0004c0            # Client Identifier
                    0002 0003 0003a1            # Server Identifier
                    0008 0002 0000              # Elapsed Time: 0
                    0006 0002 0052              # Option Request: SOL_MAX_RT
                    000f 0015 0013              # User Class
                         6f646d2d 73657373696f6e 2d6c617374696e67
                    \(association)
                    """))
    }

    @Test func rebind() {
        var client = DHCPv6Client.bound()
        #expect(client.rebind() == [])
        #expect(
            client.sentOctets
                == octets(
                    """
                    06 \(transaction(client))   # Rebind, transaction
                    0001 0003 0004c0            # Client Identifier
                    0008 0002 0000              # Elapsed Time: 0
                    0006 0002 0052              # Option Request: SOL_MAX_RT
                    \(association)
                    """))
    }

    @Test func releaseSentTwice() {
        var client = DHCPv6Client.bound()
        #expect(client.release() == [])
        let first = client.now
        #expect(client.waitForDeadline() == [])
        let hundredths = Int(client.now.since(first) / .milliseconds(10))
        #expect(90...110 ~= hundredths)
        #expect(
            client.sentOctets
                == octets(
                    """
                    08 \(transaction(client))   # Release, transaction
                    0001 0003 0004c0            # Client Identifier
                    0002 0003 0003a1            # Server Identifier
                    0008 0002 00\(hex([UInt8(hundredths)]))  # Elapsed Time
                    \(association)
                    """))
    }

    @Test func decline() {
        var client = DHCPv6Client.bound(DHCPv6Client.hundredAddress, telling: .continuityOption(code: 65_001))
        #expect(client.decline() == [])
        #expect(
            client.sentOctets
                == octets(
                    """
                    09 \(transaction(client))   # Decline, transaction
                    0001 0003 0004c0            # Client Identifier
                    0002 0003 0003a1            # Server Identifier
                    0008 0002 0000              # Elapsed Time: 0
                    fde9 0001 02                # continuity: Session-lasting
                    0003 002d 02000001          # IA_NA, IAID
                         00000000 00000000      #   T1, T2
                      0005 001d                 #   IAADDR
                         20010db8000a0000 0000000000000001
                         00000000 00000000      #     preferred, valid
                        fde9 0001 02            #     continuity: Session-lasting
                    """))
    }

    /// 2001:db8:a::/64 in an IA_PD.
    private let association = """
        0019 0029 02000001          # IA_PD, IAID
             00000000 00000000      #   T1, T2
          001a 0019                 #   IAPREFIX
             00000000 00000000      #     preferred, valid
             40                     #     /64
             20010db8000a0000 0000000000000000
        """

    @Test(arguments: [Conveyance.userClass, .continuityOption(code: 65_001), .none])
    func everyMessageTellsTheType(conveyance: Conveyance) {
        var client = DHCPv6Client(conveyance)
        var messages: [DHCPv6Message] = []
        _ = client.solicit()
        messages.append(client.sent)
        _ = client.hear(client.answer(.advertise, [DHCPv6Client.hundred]) { $0.preference = 255 })
        messages.append(client.sent)
        _ = client.hear(client.answer(.reply, [DHCPv6Client.hundred]))
        _ = client.waitForDeadline()
        messages.append(client.sent)
        _ = client.rebind()
        messages.append(client.sent)
        _ = client.release()
        messages.append(client.sent)
        #expect(messages.map(\.kind) == [.solicit, .request, .renew, .rebind, .release])
        for message in messages {
            let assignment = message.associations[0].assignments.first
            #expect(
                message.userClasses
                    == (conveyance == .userClass ? [Array("odm-session-lasting".utf8)] : []))
            let code: UInt8? = conveyance == .continuityOption(code: 65_001) ? 2 : nil
            #expect(message.continuityCode == code)
            #expect(assignment?.continuityCode == code)
        }
    }

    @Test func elapsedTimeEndsAtItsLargestValue() {
        var client = DHCPv6Client()
        _ = client.solicit()
        _ = client.wait(.seconds(4000))
        #expect(client.sent.elapsedTime == .max)
    }
}

/// Hexadecimal digits of octets.
func hex(_ octets: [UInt8]) -> String {
    octets.map { octet in
        let digits = String(octet, radix: 16)
        return digits.count == 1 ? "0\(digits)" : digits
    }.joined()
}
