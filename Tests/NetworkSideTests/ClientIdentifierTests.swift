import FuzzCorpus
import NetworkSide
import Testing

@Suite("DUID") struct ClientIdentifierTests {
    private let machine: UInt128 = 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef

    @Test func aUUIDIsPrecededByTheType() {
        #expect(
            ClientIdentifier(uuid: machine).octets
                == octets(
                    """
                    0004                                # DUID-UUID
                    0123456789abcdef 0123456789abcdef   # UUID
                    """))
    }

    @Test func aMachineAlwaysHasTheSame() {
        #expect(ClientIdentifier(machine: machine) == ClientIdentifier(machine: machine))
        #expect(ClientIdentifier(machine: machine) != ClientIdentifier(machine: machine + 1))
        // It stays the same in later versions too, or servers would take us for somebody else.
        #expect(hex(ClientIdentifier(machine: machine).octets) == "0004c162833828c94f148c6b86d52439ad57")
    }

    @Test func itIsARandomUUIDAndNotTheMachinesIdentifier() {
        let octets = ClientIdentifier(machine: machine).octets
        #expect(octets.count == 18)
        #expect(octets[2 + 6] >> 4 == 4)
        #expect(octets[2 + 8] >> 6 == 2)
        #expect(!hex(octets).contains("89abcdef"))
    }
}
