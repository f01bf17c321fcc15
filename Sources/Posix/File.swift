import CLibc

/// Small files, read and replaced whole.
public enum File {
    /// The contents of a regular file.
    ///
    /// - Throws: what open(2) and read(2) say; EISDIR, or EFBIG beyond `limit` octets.
    public static func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
        let descriptor = try opened(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        let number = descriptor.number
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = try check("read \(path)") {
                unsafe chunk.withUnsafeMutableBytes { unsafe CLibc.read(number, $0.baseAddress, $0.count) }
            }
            if count == 0 { return contents }
            contents.append(contentsOf: chunk.prefix(count))
            guard contents.count <= limit else { throw SystemError("read \(path)", errno: EFBIG) }
        }
    }

    /// Replaces a file as a whole: a reader sees the old or the new contents.
    ///
    /// - Parameter isDurable: so does a machine that loses power; the disk is waited for.
    public static func replace(
        _ path: String, with contents: [UInt8], mode: UInt32, isDurable: Bool = true
    ) throws(SystemError) {
        let temporary = path + ".new"
        do {
            let descriptor = try opened(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode: mode)
            let number = descriptor.number
            var written = 0
            while written < contents.count {
                written += try check("write \(temporary)") {
                    unsafe contents.withUnsafeBytes {
                        unsafe CLibc.write(number, $0.baseAddress! + written, $0.count - written)
                    }
                }
            }
            if isDurable { _ = try check("fsync \(temporary)") { fsync(number) } }
        } catch {
            unsafe unlink(temporary)
            throw error
        }
        _ = try check("rename \(temporary)") { unsafe CLibc.rename(temporary, path) }
    }

    /// Writes a few words to a file of the kernel's, which takes them at once or not at all.
    static func write(_ words: String, to path: String) throws(SystemError) {
        let descriptor = try opened(path, O_WRONLY | O_CLOEXEC)
        let number = descriptor.number
        _ = try check("write \(path)") { unsafe CLibc.write(number, words, words.utf8.count) }
    }

    /// Gives a file another name, in the place of a file that has it.
    public static func rename(_ path: String, to name: String) throws(SystemError) {
        _ = try check("rename \(path) to \(name)") { unsafe CLibc.rename(path, name) }
    }

    /// Removes a file; that there is none is no failure.
    public static func remove(_ path: String) throws(SystemError) {
        let outcome = retrying { unsafe unlink(path) }
        guard outcome.errno == 0 || outcome.errno == ENOENT else {
            throw SystemError("remove \(path)", errno: outcome.errno)
        }
    }

    /// The names in a directory that end in `suffix`, sorted; none if there is no such directory.
    public static func names(in directory: String, endingIn suffix: String) throws(SystemError) -> [String] {
        guard let stream = unsafe opendir(directory) else {
            let errno = odm_errno()
            if errno == ENOENT { return [] }
            throw SystemError("read directory \(directory)", errno: errno)
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe Self.name(of: entry)
            if name.hasSuffix(suffix), !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// The directories in a directory, with the inodes that it names; none if it cannot be read.
    static func directories(in directory: String) -> [(name: String, inode: UInt64)] {
        guard let stream = unsafe opendir(directory) else { return [] }
        defer { unsafe closedir(stream) }
        var found: [(name: String, inode: UInt64)] = []
        while let entry = unsafe readdir(stream) {
            guard unsafe entry.pointee.d_type == UInt8(DT_DIR) else { continue }
            let name = unsafe Self.name(of: entry)
            if !name.hasPrefix(".") { found.append((name, UInt64(unsafe entry.pointee.d_ino))) }
        }
        return found
    }

    private static func name(of entry: UnsafeMutablePointer<dirent>) -> String {
        unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
            unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
        }
    }

    /// - Throws: ENOTDIR if it is none.
    static func inode(ofDirectory path: String) throws(SystemError) -> UInt64 {
        let descriptor = try opened(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        let number = descriptor.number
        var status = stat()
        _ = try check("look at \(path)") { unsafe fstat(number, &status) }
        return UInt64(status.st_ino)
    }

    public static func isThere(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// Where a symbolic link points to (readlink(2)); nil if that cannot be told.
    public static func target(of link: String) -> String? {
        var characters = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink(link, &characters, characters.count)
        guard count > 0 else { return nil }
        return String(decoding: characters.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Makes a directory if there is none; its parent must be there.
    public static func makeDirectory(_ path: String, mode: UInt32) throws(SystemError) {
        let outcome = retrying { unsafe mkdir(path, mode) }
        guard outcome.errno == 0 || outcome.errno == EEXIST else {
            throw SystemError("make directory \(path)", errno: outcome.errno)
        }
    }

    /// Makes a directory and those above it, as far as there are none.
    ///
    /// - Parameter path: an absolute one.
    public static func makeDirectories(_ path: String, mode: UInt32) throws(SystemError) {
        var made = ""
        for name in path.split(separator: "/") {
            made += "/\(name)"
            if !isThere(made) { try makeDirectory(made, mode: mode) }
        }
    }

    /// Removes a directory if it is there, and nothing is in it.
    ///
    /// - Returns: whether it was removed.
    @discardableResult
    public static func removeEmptyDirectory(_ path: String) -> Bool { unsafe rmdir(path) == 0 }

    /// A descriptor that is good for nothing but to be closed when another is needed.
    public static func placeholder() throws(SystemError) -> Descriptor {
        try opened("/dev/null", O_RDONLY | O_CLOEXEC)
    }

    private static func opened(_ path: String, _ flags: Int32, mode: UInt32 = 0) throws(SystemError)
        -> Descriptor
    {
        Descriptor(adopting: try check("open \(path)") { unsafe odm_open(path, flags, mode) })
    }
}
