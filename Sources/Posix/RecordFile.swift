import CLibc

/// A file of records of 64 octets, each read and written by its place; the first is the file's header.
///
/// Numbers are kept in the host's byte order: such a file does not leave the machine.
public struct RecordFile: ~Copyable {
    public typealias Record = InlineArray<8, UInt64>
    public static let recordOctets = 64

    private let descriptor: Descriptor
    private let path: String
    /// No directory, pipe or device.
    public let isRegular: Bool
    /// Length when it was opened.
    public let octets: Int
    /// As many as have begun.
    public var recordCount: Int { (octets + Self.recordOctets - 1) / Self.recordOctets }

    private init(_ descriptor: consuming Descriptor, _ path: String) throws(SystemError) {
        let number = descriptor.number
        var status = stat()
        _ = try check("stat \(path)") { unsafe fstat(number, &status) }
        isRegular = status.st_mode & UInt32(S_IFMT) == UInt32(S_IFREG)
        octets = Int(status.st_size)
        self.descriptor = descriptor
        self.path = path
    }

    /// Opens a file that is there; a symbolic link is not followed.
    ///
    /// - Throws: what open(2) says; ELOOP for a symbolic link, EISDIR for a directory, ENXIO for a socket.
    public static func open(_ path: String, forWriting: Bool) throws(SystemError) -> RecordFile {
        let access = forWriting ? O_RDWR : O_RDONLY
        let number = try check("open \(path)") {
            unsafe odm_open(path, access | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK, 0)
        }
        return try RecordFile(Descriptor(adopting: number), path)
    }

    /// Makes a file, in the place of what was there: nobody ever sees one without its header.
    public static func create(
        _ path: String, header: borrowing Record, mode: UInt32
    ) throws(SystemError) -> RecordFile {
        let temporary = path + ".new"
        unsafe unlink(temporary)
        let number = try check("create \(temporary)") {
            unsafe odm_open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        }
        do {
            let file = try RecordFile(Descriptor(adopting: number), path)
            try file.write(header, at: 0)
            _ = try check("rename \(temporary)") { unsafe rename(temporary, path) }
            return file
        } catch {
            unsafe unlink(temporary)
            throw error
        }
    }

    /// Reads `count` records from place `first` on, or as many as there are; what a begun one lacks is zero.
    ///
    /// - Returns: eight numbers for each record.
    public func read(_ count: Int, from first: Int) throws(SystemError) -> [UInt64] {
        let number = descriptor.number
        let start = first * Self.recordOctets
        let limit = count * Self.recordOctets
        var octets = 0
        var words = [UInt64](repeating: 0, count: limit / MemoryLayout<UInt64>.size)
        while octets < limit {
            let got = try check("read \(path)") {
                unsafe words.withUnsafeMutableBytes {
                    unsafe pread(number, $0.baseAddress! + octets, limit - octets, start + octets)
                }
            }
            if got == 0 { break }
            octets += got
        }
        let records = (octets + Self.recordOctets - 1) / Self.recordOctets
        words.removeLast((count - records) * Self.recordOctets / MemoryLayout<UInt64>.size)
        return words
    }

    /// Writes a record at its place; what lies between the end of the file and it becomes zero.
    ///
    /// - Throws: ENOSPC, EIO, EROFS; ENOSPC also if only a part could be written.
    public func write(_ record: borrowing Record, at place: Int) throws(SystemError) {
        let number = descriptor.number
        let span = record.span
        let written = try unsafe span.withUnsafeBytes { (octets) throws(SystemError) in
            try check("write \(path)") {
                unsafe pwrite(number, octets.baseAddress, octets.count, place * Self.recordOctets)
            }
        }
        guard written == Self.recordOctets else { throw SystemError("write \(path)", errno: ENOSPC) }
    }
}
