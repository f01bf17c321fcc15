import CLibc
import FoundationEssentials
import Posix
import Testing

@testable import Daemon

@Suite(
    "Socket records on a full or read-only file system", .enabled(if: canMakeMountNamespaces, "takes root"))
struct SocketRecordsFullDiskTests {
    private let fixture: SocketRecordFixture
    private let samples = SocketRecordFixture.samples(4)

    init() throws {
        fixture = try SocketRecordFixture()
    }

    /// The tmpfs has two pages: the file's first one, and one that is filled.
    @Test func aRecordThatDoesNotFitIsRefusedUntilThereIsRoom() throws {
        var errors: [Int32?] = []
        let found = try withSmallFileSystem(on: fixture.directory.path) { _ in
            let records = fixture.records()
            _ = records.recover()
            try fixture.directory.write("filler", String(repeating: "x", count: 4096))
            errors.append(errno { try records.write(samples[0], at: 0) })
            errors.append(errno { try records.write(samples[1], at: 63) })
            errors.append(errno { try records.erase(0) })
            try FileManager.default.removeItem(atPath: "\(fixture.directory.path)/filler")
            errors.append(errno { try records.write(samples[1], at: 63) })
            return fixture.records().recover()
        }
        #expect(errors == [nil, ENOSPC, nil, nil])
        #expect(found.numbers == [63])
        #expect(found.isComplete)
    }

    @Test func aFileThatDoesNotFitIsMadeWhenThereIsRoom() throws {
        var errors: [Int32?] = []
        var warnings: [String?] = []
        let found = try withSmallFileSystem(on: fixture.directory.path) { _ in
            try fixture.directory.write("sockets", "Hello.")
            try fixture.directory.write("filler", String(repeating: "x", count: 4096))
            let records = fixture.records()
            warnings.append(records.recover().warning)
            errors.append(errno { try records.write(samples[0], at: 0) })
            try FileManager.default.removeItem(atPath: "\(fixture.directory.path)/filler")
            errors.append(errno { try records.write(samples[1], at: 1) })
            return fixture.records().recover()
        }
        #expect(errors == [ENOSPC, nil])
        #expect(
            warnings == [
                "\(fixture.path): it ends within its header; what was granted before is looked for in the kernel "
                    + "alone (kept as \(fixture.refused)); write \(fixture.path): No space left on device"
            ])
        #expect(found.inOrder == [samples[1]])
    }

    @Test func aFileThatCannotBeWrittenIsReadAndWrittenLater() throws {
        var errors: [Int32?] = []
        var founds: [SocketRecords.Found] = []
        try withSmallFileSystem(on: fixture.directory.path) { mount in
            try fixture.write(2)
            precondition(mount("-o remount,ro"))
            let records = fixture.records()
            founds.append(records.recover())
            errors.append(errno { try records.write(samples[2], at: 2) })
            errors.append(errno { try records.erase(0) })
            precondition(mount("-o remount,rw"))
            errors.append(errno { try records.write(samples[2], at: 2) })
            errors.append(errno { try records.erase(0) })
            founds.append(fixture.records().recover())
        }
        #expect(errors == [EROFS, EROFS, nil, nil])
        #expect(founds[0].inOrder == Array(samples[0..<2]))
        #expect(founds[0].isComplete)
        #expect(founds[0].warning == "open \(fixture.path): Read-only file system")
        #expect(founds[1].inOrder == Array(samples[1..<3]))
    }

    @Test func aReadOnlyDirectoryWithoutAFileIsSaid() throws {
        let found = try withSmallFileSystem(on: fixture.directory.path) { mount in
            precondition(mount("-o remount,ro"))
            return fixture.records().recover()
        }
        #expect(!found.isComplete)
        #expect(found.warning == "create \(fixture.path).new: Read-only file system")
    }

    /// - Returns: nil if all went well.
    private func errno(_ body: () throws -> Void) -> Int32? {
        do {
            try body()
            return nil
        } catch {
            return (error as? SystemError)?.errno ?? -1
        }
    }
}
