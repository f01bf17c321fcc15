import Mobility
import NetworkSide
import Testing

/// The codes on the wire are not those of the C interface.
@Suite("Continuity types on the wire") struct ContinuityCodeTests {
    @Test(
        arguments: [
            (ContinuityType.nonPersistent, 1), (.sessionLasting, 2), (.fixed, 3), (.gracefulReplacement, 4),
        ] as [(ContinuityType, UInt8)])
    func eachTypeHasACode(type: ContinuityType, code: UInt8) {
        #expect(type.networkCode == code)
        #expect(ContinuityType(networkCode: code) == type)
    }

    @Test(arguments: [0, 5, 6, 7, 8, 255] as [UInt8]) func otherCodesNameNoType(code: UInt8) {
        #expect(ContinuityType(networkCode: code) == nil)
    }
}
