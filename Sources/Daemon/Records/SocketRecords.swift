import CLibc
import Mobility
import Posix

/// The file in which grants are remembered while the machine runs, so that the next daemon knows of them.
///
/// A record is written before the reply goes out and wiped when its socket has died. The file lies in a tmpfs:
/// it survives the daemon, not the machine, and so do the sockets.
final class SocketRecords {
    static let mode: UInt32 = 0o600

    private let place: SocketRecordsPlace
    private let key: SocketRecordKey
    private var file: RecordFile?

    /// - Parameters:
    ///   - path: `/run/odmd/sockets`
    ///   - namespace: our own SO_NETNS_COOKIE
    init(path: String, namespace: UInt64) {
        let header = SocketRecordsHeader(boot: .current(), namespace: namespace)
        place = SocketRecordsPlace(path: path, header: header)
        key = SocketRecordKey(header)
    }

    struct Found {
        typealias Entry = (number: SocketRecord.Number, record: SocketRecord)
        /// The oldest first.
        var records: [Entry] = []
        /// False if there was no file of this machine's start and namespace, or something in it was refused.
        var isComplete = false
        /// What was refused or failed and why, as a line for the log.
        var warning: String?
    }

    /// Reads what is remembered. Afterwards a good file is there, if one can be written at all.
    func recover() -> Found {
        do {
            switch try place.open() {
            case .ours(let file):
                let found = read(file, wipingDamaged: true)
                self.file = consume file
                return found
            case .nothing: return startAnew(warning: nil)
            case .refused(let reason): return startAnew(warning: place.setAside(reason))
            }
        } catch {
            return readOnly(because: error)
        }
    }

    /// - Throws: ENOSPC, EROFS and what else a file system says, also of a file that could not be opened earlier
    ///   and still cannot be.
    func write(_ record: SocketRecord, at number: SocketRecord.Number) throws(SystemError) {
        try write(record.encoded(at: number, key), number)
    }

    /// Wipes a record.
    ///
    /// - Throws: as `write` does.
    func erase(_ number: SocketRecord.Number) throws(SystemError) {
        try write(RecordFile.Record(repeating: 0), number)
    }

    private func write(_ words: RecordFile.Record, _ number: SocketRecord.Number) throws(SystemError) {
        guard number < SocketRecord.limit else {
            throw SystemError("write record \(number) to \(place.path)", errno: ENOSPC)
        }
        if file == nil { file = try openAgain() }
        try file?.write(words, at: Int(number) + 1)
    }

    private func openAgain() throws(SystemError) -> RecordFile {
        switch try place.open() {
        case .ours(let file): return file
        case .nothing: break
        case .refused(let reason): _ = place.setAside(reason)
        }
        return try place.make()
    }

    private func startAnew(warning: String?) -> Found {
        do {
            file = try place.make()
            return Found(warning: warning)
        } catch {
            return Found(warning: warning.map { "\($0); \(error)" } ?? "\(error)")
        }
    }

    /// What cannot be written may still be read.
    private func readOnly(because error: SystemError) -> Found {
        guard let content = try? place.open(forWriting: false), case .ours(let file) = consume content else {
            return Found(warning: "\(error)")
        }
        var found = read(file, wipingDamaged: false)
        found.warning = found.warning ?? "\(error)"
        return found
    }

    /// - Parameter wipingDamaged: so that they are refused and reported once.
    private func read(_ file: borrowing RecordFile, wipingDamaged: Bool) -> Found {
        do {
            let reading = try SocketRecordsReading(file, key)
            if wipingDamaged {
                for number in reading.damaged {
                    try? file.write(RecordFile.Record(repeating: 0), at: Int(number) + 1)
                }
            }
            return Found(
                records: reading.sorted, isComplete: reading.damaged.isEmpty,
                warning: reading.warning(place.path))
        } catch {
            return Found(warning: "\(error)")
        }
    }
}
