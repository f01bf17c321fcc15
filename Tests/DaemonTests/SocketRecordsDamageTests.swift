import CLibc
import FoundationEssentials
import Mobility
import Posix
import Testing

@testable import Daemon

@Suite("Damaged socket records")
struct SocketRecordsDamageTests {
    private let fixture: SocketRecordFixture

    init() throws {
        fixture = try SocketRecordFixture()
    }

    struct Damage: CustomTestStringConvertible, Sendable {
        var testDescription: String
        /// What is said of the file; nil for nothing.
        var reason: String?
        var apply: @Sendable (inout [UInt8]) -> Void
    }

    private static let damages = [
        Damage(testDescription: "empty", reason: "it ends within its header") { $0 = [] },
        Damage(testDescription: "short header", reason: "it ends within its header") {
            $0.removeLast(704 - 63)
        },
        Damage(testDescription: "text", reason: "it is no record of sockets") {
            $0 = Array(String(repeating: "Hello. ", count: 20).utf8)
        },
        Damage(testDescription: "zeros", reason: "it is no record of sockets") {
            $0 = [UInt8](repeating: 0, count: 256)
        },
        Damage(testDescription: "newer", reason: "it is of format 2, and this odmd reads format 1") {
            $0[8] = 2
        },
        Damage(testDescription: "larger records", reason: "its records have 128 octets, not 64") {
            $0[12] = 128
        },
        Damage(testDescription: "header", reason: "its header is damaged") { $0[33] ^= 1 },
        Damage(testDescription: "header's check", reason: "its header is damaged") { $0[63] ^= 0x80 },
    ]

    @Test(arguments: damages) func aFileThatIsNotOursIsKeptAside(damage: Damage) throws {
        try fixture.write(10)
        var octets = try fixture.octets()
        #expect(octets.count == 704)
        damage.apply(&octets)
        try fixture.replace(octets)
        let records = fixture.records()
        let found = records.recover()
        #expect(found.records.isEmpty)
        #expect(!found.isComplete)
        #expect(found.warning == warning(try #require(damage.reason)))
        #expect(try fixture.octets("sockets.refused") == octets)
        try expectAGoodFile(records)
    }

    @Test func aFileThatIsTooLongIsKeptAside() throws {
        try fixture.write(1)
        #expect(unsafe truncate(fixture.path, 64 * (Int(SocketRecord.limit) + 2)) == 0)
        let found = fixture.records().recover()
        #expect(found.warning == warning("it is longer than 1048576 records"))
        #expect(found.records.isEmpty)
    }

    @Test func whatIsNoFileIsKeptAside() throws {
        let files = FileManager.default
        try files.createDirectory(atPath: fixture.path, withIntermediateDirectories: false)
        #expect(fixture.records().recover().warning == warning("it is no regular file"))
        try files.removeItem(atPath: fixture.path)
        try files.removeItem(atPath: fixture.refused)
        try files.createSymbolicLink(atPath: fixture.path, withDestinationPath: "/dev/null")
        let records = fixture.records()
        #expect(records.recover().warning == warning("it is no regular file"))
        try expectAGoodFile(records)
    }

    @Test func whatCannotBeKeptAsideIsSaidToo() throws {
        try FileManager.default.createDirectory(atPath: fixture.refused, withIntermediateDirectories: false)
        try fixture.replace([])
        let records = fixture.records()
        let warning = try #require(records.recover().warning)
        #expect(warning.hasPrefix("\(fixture.path): it ends within its header; "))
        #expect(warning.hasSuffix("(rename \(fixture.path) to \(fixture.refused): Is a directory)"))
        try expectAGoodFile(records)
    }

    /// Its sockets are not here: nothing to be warned of.
    @Test func theFileOfAnotherStartOrNamespaceIsReplaced() throws {
        try fixture.write(3)
        let elsewhere = fixture.records(namespace: 1).recover()
        #expect(elsewhere.records.isEmpty)
        #expect(!elsewhere.isComplete)
        #expect(elsewhere.warning == nil)

        let boot = BootIdentifier(high: 1, low: 2)
        let header = SocketRecordsHeader(boot: boot, namespace: SocketRecordFixture.namespace).encoded
        try fixture.replace(
            header.indices.flatMap { index in
                (0..<8).map { UInt8(truncatingIfNeeded: header[index] >> ($0 * 8)) }
            })
        let records = fixture.records()
        let found = records.recover()
        #expect(!found.isComplete)
        #expect(found.warning == nil)
        #expect(!FileManager.default.fileExists(atPath: fixture.refused))
        try expectAGoodFile(records)
    }

    @Test func damagedRecordsArePassedOverOnce() throws {
        try fixture.write(10)
        var octets = try fixture.octets()
        octets[64 * 3 + 10] ^= 1
        // A whole record, in another's place.
        octets.replaceSubrange(64 * 8..<64 * 9, with: octets[64 * 7..<64 * 8])
        try fixture.replace(octets)
        let found = fixture.records().recover()
        #expect(!found.isComplete)
        #expect(found.warning == "\(fixture.path): 2 of 10 records are damaged and were passed over")
        #expect(found.numbers.sorted() == [0, 1, 3, 4, 5, 6, 8, 9])
        let again = fixture.records().recover()
        #expect(again.isComplete)
        #expect(again.warning == nil)
        #expect(again.inOrder == found.inOrder)
    }

    @Test func aRecordThatIsNotAllThereIsPassedOver() throws {
        try fixture.write(4)
        let octets = try fixture.octets()
        for missing in [1, 8, 63] {
            try fixture.replace(Array(octets.dropLast(missing)))
            let records = fixture.records()
            let found = records.recover()
            #expect(found.warning == "\(fixture.path): 1 of 4 records are damaged and were passed over")
            #expect(found.numbers.sorted() == [0, 1, 2])
            try records.write(SocketRecordFixture.samples(4)[3], at: 3)
            #expect(fixture.records().recover().inOrder == SocketRecordFixture.samples(4))
        }
    }

    @Test(arguments: 0..<200) func whateverIsDamagedNothingIsMadeUp(seed: UInt64) throws {
        try fixture.write(50)
        let samples = SocketRecordFixture.samples(50)
        var octets = try fixture.octets()
        var random = SeededGenerator(seed: seed)
        damage(&octets, &random)
        try fixture.replace(octets)
        let found = fixture.records().recover()
        for (number, record) in found.records { #expect(samples[Int(number)] == record) }
        #expect(Set(found.numbers).count == found.numbers.count)
        #expect(found.isComplete || found.warning != nil)
        #expect(fixture.records().recover().isComplete)
    }

    private func damage(_ octets: inout [UInt8], _ random: inout SeededGenerator) {
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            guard let position = octets.indices.randomElement(using: &random) else { return }
            let end = min(octets.count, position + Int.random(in: 1...100, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0: octets[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: octets.removeSubrange(end...)
            case 2: octets.removeSubrange(position..<end)
            case 3:
                for index in position..<end { octets[index] = .random(in: .min ... .max, using: &random) }
            default: octets.insert(contentsOf: octets[position..<end], at: position)
            }
        }
    }

    private func warning(_ reason: String) -> String {
        "\(fixture.path): \(reason); what was granted before is looked for in the kernel alone "
            + "(kept as \(fixture.refused))"
    }

    private func expectAGoodFile(_ records: SocketRecords) throws {
        let sample = SocketRecordFixture.samples(1)
        try records.write(sample[0], at: 0)
        let found = fixture.records().recover()
        #expect(found.isComplete)
        #expect(found.warning == nil)
        #expect(found.inOrder == sample)
    }
}

/// SplitMix64: the same numbers from the same seed.
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }
}
