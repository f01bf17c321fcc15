import CLibc
import Mobility
import Posix

/// Where the file of socket records lies, and what is found there.
struct SocketRecordsPlace {
    let path: String
    let header: SocketRecordsHeader

    enum Content: ~Copyable {
        case ours(RecordFile)
        /// Nothing, or the file of an earlier start of the machine or of another network namespace.
        case nothing
        /// Something else; why it is not used.
        case refused(reason: String)
    }

    func open(forWriting: Bool = true) throws(SystemError) -> Content {
        let file: RecordFile
        do {
            file = try RecordFile.open(path, forWriting: forWriting)
        } catch {
            switch error.errno {
            case ENOENT: return .nothing
            case EISDIR, ELOOP, ENXIO: return .refused(reason: Self.notRegular)
            default: throw error
            }
        }
        if let reason = Self.objection(to: file) { return .refused(reason: reason) }
        let words = try file.read(1, from: 0)
        do {
            let found = try SocketRecordsHeader(RecordFile.Record { words[$0] })
            return found == header ? .ours(file) : .nothing
        } catch {
            return .refused(reason: "\(error)")
        }
    }

    /// Makes a new file in the place of what is there.
    func make() throws(SystemError) -> RecordFile {
        try RecordFile.create(path, header: header.encoded, mode: SocketRecords.mode)
    }

    /// Keeps what is there beside its place, where it is in nobody's way; one at most.
    ///
    /// - Returns: what was done, as a line for the log.
    func setAside(_ reason: String) -> String {
        let line = "\(path): \(reason); what was granted before is looked for in the kernel alone"
        do {
            try File.rename(path, to: "\(path).refused")
            return "\(line) (kept as \(path).refused)"
        } catch {
            return "\(line) (\(error))"
        }
    }

    private static let notRegular = "it is no regular file"

    private static func objection(to file: borrowing RecordFile) -> String? {
        if !file.isRegular { return notRegular }
        if file.octets < RecordFile.recordOctets { return "it ends within its header" }
        if file.recordCount > Int(SocketRecord.limit) + 1 {
            return "it is longer than \(Int(SocketRecord.limit)) records"
        }
        return nil
    }
}
