import CLibc
import FoundationEssentials
import Mobility
import Posix
import Testing

@testable import Daemon

@Suite("Socket records")
struct SocketRecordsTests {
    private let fixture: SocketRecordFixture

    init() throws {
        fixture = try SocketRecordFixture()
    }

    @Test func withoutAFileNothingIsKnownAndOneIsMade() throws {
        let found = fixture.records().recover()
        #expect(found.records.isEmpty)
        #expect(!found.isComplete)
        #expect(found.warning == nil)
        #expect(try fixture.octets().count == 64)
        #expect(try fixture.directory.mode("sockets") == 0o600)
        let again = fixture.records().recover()
        #expect(again.records.isEmpty)
        #expect(again.isComplete)
        #expect(again.warning == nil)
    }

    @Test func whatIsWrittenIsRecoveredOldestFirst() throws {
        try fixture.write(60)
        let found = fixture.records().recover()
        #expect(found.isComplete)
        #expect(found.warning == nil)
        #expect(found.inOrder == SocketRecordFixture.samples(60))
        #expect(found.numbers == Array((0..<60).reversed()))
    }

    @Test func theNextDaemonWritesOn() throws {
        try fixture.write(3)
        let samples = SocketRecordFixture.samples(5)
        let next = fixture.records()
        _ = next.recover()
        try next.erase(1)
        try next.write(samples[3], at: 1)
        try next.write(samples[4], at: 700)
        try next.erase(2)
        let found = fixture.records().recover()
        #expect(found.isComplete)
        #expect(found.numbers == [700, 1, 0])
        #expect(found.inOrder == [samples[0], samples[3], samples[4]])
    }

    @Test func aRecordHasItsPlaceInTheFile() throws {
        let records = fixture.records()
        _ = records.recover()
        let record = SocketRecord(
            requester: Requester(
                cookie: 0x0102_0304, transport: 6, user: 1000, process: 77, inode: 99,
                isDeathAnnounced: true),
            address: "2001:db8::1", type: .sessionLasting, owner: .user(1000), isOnNet: true,
            isRoutedOnly: true, since: Instant(microseconds: 5))
        try records.write(record, at: 1)
        let octets = try fixture.octets()
        #expect(octets.count == 64 * 3)
        #expect(octets[64..<128].allSatisfy { $0 == 0 })
        let expected: [[UInt8]] = [
            [4, 3, 2, 1, 0, 0, 0, 0],  // cookie
            [0, 0, 0, 0, 0xb8, 0x0d, 0x01, 0x20],  // address, octets 0 to 7
            [1, 0, 0, 0, 0, 0, 0, 0],  // address, octets 8 to 15
            [5, 0, 0, 0, 0, 0, 0, 0],  // since
            [0xe8, 3, 0, 0, 77, 0, 0, 0],  // user, process
            // Inode, transport, type; a socket, announced, on-net, routed only, a user's.
            [99, 0, 0, 0, 6, 0, 2, 0b0011_1101],
            [0xe8, 3, 0, 0, 0, 0, 0, 0],  // owner
        ]
        #expect(Array(octets[128..<184]) == expected.flatMap { $0 })
    }

    @Test func thereIsABoundToNumbers() throws {
        let records = fixture.records()
        _ = records.recover()
        let sample = SocketRecordFixture.samples(1)[0]
        let last = SocketRecord.limit - 1
        try records.write(sample, at: last)
        #expect(fixture.records().recover().numbers == [last])
        let error = #expect(throws: SystemError.self) { try records.write(sample, at: last + 1) }
        #expect(error?.errno == ENOSPC)
        #expect(throws: SystemError.self) { try records.erase(.max) }
    }

    @Test func aFileThatIsTakenAwayIsWrittenOn() throws {
        let records = fixture.records()
        _ = records.recover()
        try FileManager.default.removeItem(atPath: fixture.path)
        try records.write(SocketRecordFixture.samples(1)[0], at: 0)
        #expect(!fixture.records().recover().isComplete)
    }

    /// The directory is missing, which is as good as any other cause.
    @Test func aFileThatCannotBeMadeIsTriedAgain() throws {
        let path = "\(fixture.directory.path)/later/sockets"
        let records = SocketRecords(path: path, namespace: 1)
        let found = records.recover()
        #expect(found.warning == "create \(path).new: No such file or directory")
        #expect(!found.isComplete)
        let samples = SocketRecordFixture.samples(2)
        let error = #expect(throws: SystemError.self) { try records.write(samples[0], at: 0) }
        #expect(error?.errno == ENOENT)
        try FileManager.default.createDirectory(
            atPath: "\(fixture.directory.path)/later", withIntermediateDirectories: false)
        try records.write(samples[1], at: 1)
        #expect(SocketRecords(path: path, namespace: 1).recover().inOrder == [samples[1]])
    }

    @Test func anotherProcessWithTheNumberIsNotTheOneThatAsked() throws {
        let records = fixture.records()
        _ = records.recover()
        let start = try #require(Process.startTime(of: getpid()))
        var record = SocketRecordFixture.samples(2)[1]
        record.requester?.process = getpid()
        record.since = Instant(microseconds: start)
        try records.write(record, at: 0)
        var older = record
        older.since = Instant(microseconds: start - 1_000_001)
        try records.write(older, at: 1)
        let found = fixture.records().recover()
        older.requester?.process = Requester.goneProcess
        #expect(found.inOrder == [record, older])
        #expect(found.isComplete)
    }
}
