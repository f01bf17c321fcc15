import Mobility
import Posix

@testable import Daemon

/// Records as they are made, and the file that they are in.
struct SocketRecordFixture {
    let directory: TemporaryDirectory
    var path: String { "\(directory.path)/sockets" }
    var refused: String { "\(path).refused" }
    static let namespace: UInt64 = 4711

    init() throws {
        directory = try TemporaryDirectory()
    }

    func records(namespace: UInt64 = namespace) -> SocketRecords {
        SocketRecords(path: path, namespace: namespace)
    }

    /// A file that holds `samples(count)` under their places.
    func write(_ count: Int) throws {
        let records = records()
        _ = records.recover()
        for (number, record) in Self.samples(count).enumerated() {
            try records.write(record, at: SocketRecord.Number(number))
        }
    }

    func octets(_ name: String = "sockets") throws -> [UInt8] {
        try File.read("\(directory.path)/\(name)", limit: 1 << 20)
    }

    func replace(_ octets: [UInt8]) throws {
        try File.replace(path, with: octets, mode: 0o600)
    }

    /// All kinds of records; their processes have numbers that no process has.
    static func samples(_ count: Int) -> [SocketRecord] {
        let types = ContinuityType.allCases
        return (0..<count).map { number in
            let cookie = UInt64(number) * 1_000_003 + 1
            let owners: [AddressOwner?] = [nil, .user(UInt32(number)), .socket(cookie: cookie)]
            let requester = Requester(
                cookie: cookie, transport: number % 2 == 0 ? 6 : 17, user: UInt32(number) + 1000,
                process: number % 7 == 0 ? Requester.unknownProcess : Int32.max - Int32(number),
                inode: UInt32.max - UInt32(number), isDeathAnnounced: number % 3 != 0)
            return SocketRecord(
                requester: number % 5 == 4 ? nil : requester,
                address: IPv6Address(high: 0x2001_0db8 << 32, low: .max - UInt64(number)),
                type: types[number % types.count], owner: owners[number % owners.count],
                isOnNet: number % 2 == 1, isRoutedOnly: number % 4 >= 2,
                since: Instant(microseconds: UInt64(1_000_000 - number)))
        }
    }
}

extension SocketRecords.Found {
    /// As `samples` makes them, which get older with their number.
    var inOrder: [SocketRecord] { records.sorted { $0.number < $1.number }.map(\.record) }
    var numbers: [SocketRecord.Number] { records.map(\.number) }
}
