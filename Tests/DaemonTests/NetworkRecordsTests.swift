import EventLoop
import Mobility
import Posix
import Testing

@testable import Daemon

@Suite("Networks that are remembered") struct NetworkRecordsTests {
    private let directory: TemporaryDirectory
    private let home = KnownNetwork(
        interfaceIndex: 3, since: Instant(microseconds: 5), routers: ["fe80::1", "fe80::11"])

    init() throws { directory = try TemporaryDirectory() }

    private func records(namespace: UInt64 = 1) throws -> (NetworkRecords, LoggedLines) {
        let logged = try LoggedLines()
        let records = NetworkRecords(
            runtimeDirectory: directory.path, namespace: namespace, log: logged.log)
        return (records, logged)
    }

    @Test func theNextRunKnowsThem() throws {
        let (records, _) = try records()
        #expect(records.load() == [])
        records.keep(home)
        records.keep(KnownNetwork(interfaceIndex: 4, since: Instant(microseconds: 6), routers: ["fe80::4"]))
        records.keep(KnownNetwork(interfaceIndex: 4, since: Instant(microseconds: 0), routers: []))
        #expect(try self.records().0.load() == [home])
    }

    @Test func anotherNamespaceHasOtherInterfaces() throws {
        try records().0.keep(home)
        let (other, logged) = try records(namespace: 2)
        #expect(other.load() == [])
        #expect(logged.lines == [])
    }

    @Test(arguments: [
        "", "{", "[]", #"{"boot":"x","namespace":1}"#,
        #"{"boot":"x","namespace":1,"networks":[{"interface":3,"since":1,"routers":[]}]}"#,
        #"{"boot":"x","namespace":1,"networks":[{"interface":3,"since":1,"routers":["nonsense"]}]}"#,
        #"{"boot":"x","namespace":1,"networks":[{"interface":-3,"since":1,"routers":["fe80::1"]}]}"#,
    ])
    func whatIsNotUnderstoodIsSaidOnce(_ text: String) throws {
        try File.replace("\(directory.path)/networks", with: Array(text.utf8), mode: 0o600)
        let (records, logged) = try records()
        #expect(records.load() == [])
        #expect(logged.lines.count == 1)
        // It is replaced by what is known.
        records.keep(home)
        #expect(try self.records().0.load() == [home])
    }

    @Test func aDirectoryThatTakesNothingIsSaidOnce() throws {
        let logged = try LoggedLines()
        let records = NetworkRecords(
            runtimeDirectory: "\(directory.path)/missing", namespace: 1, log: logged.log)
        for _ in 1...3 { records.keep(home) }
        #expect(logged.lines.count == 1)
    }
}
