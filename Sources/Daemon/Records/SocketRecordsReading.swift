import Mobility
import Posix

/// What the file of socket records says, read piece by piece.
struct SocketRecordsReading {
    /// Records that are read in one go: 64 KiB.
    private static let chunk = 1024

    private let key: SocketRecordKey
    private var entries: [SocketRecords.Found.Entry] = []
    private(set) var damaged: [SocketRecord.Number] = []
    private var processes = RecordedProcesses()

    init(_ file: borrowing RecordFile, _ key: SocketRecordKey) throws(SystemError) {
        self.key = key
        var place = 1
        while place < file.recordCount {
            let words = try file.read(Self.chunk, from: place)
            if words.isEmpty { break }
            take(words, from: SocketRecord.Number(place - 1))
            place += words.count / 8
        }
    }

    /// The oldest first.
    var sorted: [SocketRecords.Found.Entry] {
        entries.sorted { ($0.record.since, $0.number) < ($1.record.since, $1.number) }
    }

    func warning(_ path: String) -> String? {
        if damaged.isEmpty { return nil }
        let count = damaged.count + entries.count
        return "\(path): \(damaged.count) of \(count) records are damaged and were passed over"
    }

    private mutating func take(_ words: [UInt64], from first: SocketRecord.Number) {
        for index in 0..<words.count / 8 {
            let record = RecordFile.Record { words[index * 8 + $0] }
            if record.isFree { continue }
            let number = first + SocketRecord.Number(index)
            guard var found = SocketRecord(record, at: number, key) else {
                damaged.append(number)
                continue
            }
            processes.check(&found)
            entries.append((number, found))
        }
    }
}

extension RecordFile.Record {
    fileprivate var isFree: Bool {
        for index in indices where self[index] != 0 { return false }
        return true
    }
}
