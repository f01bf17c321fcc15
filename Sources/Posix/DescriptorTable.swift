import CLibc

/// The open descriptors of a task, as /proc/PID/fd shows them.
@safe struct DescriptorTable: ~Copyable {
    private let stream: OpaquePointer
    private let task: String
    private var path: String { "\(task)/fd" }

    /// - Throws: ENOENT if the task is gone, EACCES or EPERM if it may not be looked into, EMFILE.
    init(ofTaskAt task: String) throws(SystemError) {
        self.task = task
        let path = "\(task)/fd"
        guard let stream = unsafe opendir(path) else { throw SystemError("open \(path)", errno: odm_errno()) }
        unsafe self.stream = stream
    }

    deinit { unsafe closedir(stream) }

    /// What was seen in a table.
    struct Sight {
        var isEmpty = true
        /// Inodes of sockets.
        var found: Set<UInt32> = []
    }

    /// Which of the wanted sockets are open here.
    ///
    /// - Throws: ENOENT or ESRCH if the task has ended, EACCES or EPERM if it may not be looked into.
    consuming func sockets(among wanted: Set<UInt32>) throws(SystemError) -> Sight {
        var sight = Sight()
        while let descriptor = unsafe try nextName() {
            sight.isEmpty = false
            if let inode = unsafe try socketInode(descriptor), wanted.contains(inode) {
                sight.found.insert(inode)
                if sight.found.count == wanted.count { break }
            }
        }
        return sight
    }

    /// The inodes of Unix sockets that are open here and have descriptors in their receive queues.
    ///
    /// - Throws: as `sockets(among:)`
    consuming func socketsWithDescriptorsWaiting() throws(SystemError) -> Set<UInt32> {
        var waiting: Set<UInt32> = []
        while let descriptor = unsafe try nextName() {
            guard let inode = unsafe try socketInode(descriptor) else { continue }
            let information = unsafe "\(task)/fdinfo/\(String(cString: descriptor))"
            // One that was closed just now has nothing waiting any more.
            guard let text = try? File.read(information, limit: Self.informationLimit) else { continue }
            if Self.countsDescriptors(text) { waiting.insert(inode) }
        }
        return waiting
    }

    /// What proc(5) tells of a descriptor is a few short lines.
    private static let informationLimit = 4096

    /// Whether there is a line "scm_fds: N" where N is not 0.
    private static func countsDescriptors(_ information: [UInt8]) -> Bool {
        information.split(separator: UInt8(ascii: "\n")).contains { line in
            line.starts(with: "scm_fds:".utf8)
                && line.contains { UInt8(ascii: "1")...UInt8(ascii: "9") ~= $0 }
        }
    }

    /// - Returns: valid until the next call; nil at the end.
    private func nextName() throws(SystemError) -> UnsafePointer<CChar>? {
        while true {
            odm_set_errno(0)
            guard let entry = unsafe readdir(stream) else {
                let errno = odm_errno()
                if errno != 0 { throw SystemError("read \(path)", errno: errno) }
                return nil
            }
            let offset = MemoryLayout<dirent>.offset(of: \.d_name)!
            let name = unsafe UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
            if unsafe name.pointee != CChar(UInt8(ascii: ".")) { return unsafe name }
        }
    }

    /// - Returns: nil if the descriptor is no socket, or has just been closed.
    private func socketInode(_ name: UnsafePointer<CChar>) throws(SystemError) -> UInt32? {
        var target = InlineArray<32, UInt8>(repeating: 0)
        let directory = unsafe dirfd(stream)
        let outcome = unsafe withUnsafeMutableBytes(of: &target) { room in
            let start = unsafe room.baseAddress!.assumingMemoryBound(to: CChar.self)
            return retrying { unsafe readlinkat(directory, name, start, room.count) }
        }
        switch outcome.errno {
        case 0: return Self.inode(in: target.span.extracting(0..<outcome.result))
        case ENOENT: return nil
        default: throw SystemError("read link in \(path)", errno: outcome.errno)
        }
    }

    /// The number in "socket:[4711]".
    private static func inode(in target: Span<UInt8>) -> UInt32? {
        let prefix: StaticString = "socket:["
        let length = prefix.utf8CodeUnitCount
        guard target.count > length + 1, target[target.count - 1] == UInt8(ascii: "]") else { return nil }
        for index in 0..<length where unsafe target[index] != prefix.utf8Start[index] { return nil }
        var inode: UInt64 = 0
        for index in length..<target.count - 1 {
            inode = inode &* 10 &+ UInt64(target[index] &- UInt8(ascii: "0"))
        }
        return UInt32(truncatingIfNeeded: inode)
    }
}
