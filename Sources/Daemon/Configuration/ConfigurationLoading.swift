import CLibc
import Posix

extension DaemonConfiguration {
    /// Drop-in files that are read at most: with the size of each this bounds what a reload can take.
    static let dropInLimit = 256

    /// Reads a configuration file and its drop-ins, the files `PATH.d/*.conf` in the order of their names.
    ///
    /// - Parameter isDefaultPath: nobody named the file, so that it is no error if there is none.
    /// - Throws: every mistake in all of the files.
    public static func load(
        path: String, isDefaultPath: Bool
    ) throws(ConfigurationErrors) -> DaemonConfiguration {
        var draft = ConfigurationDraft()
        draft.readFile(path, mayBeMissing: isDefaultPath)
        draft.readDropIns(path + ".d")
        return try draft.finished()
    }
}

extension ConfigurationDraft {
    fileprivate mutating func readFile(_ path: String, mayBeMissing: Bool) {
        do {
            let octets = try File.read(path, limit: ConfigurationFile.sizeLimit)
            read(ConfigurationFile(path: path, octets: octets))
        } catch {
            guard !(mayBeMissing && error.errno == ENOENT) else { return }
            fail(path, Self.problem(error))
        }
    }

    fileprivate mutating func readDropIns(_ directory: String) {
        do {
            let names = try File.names(in: directory, endingIn: ".conf")
            guard names.count <= DaemonConfiguration.dropInLimit else {
                fail(directory, "\(names.count) files; put at most \(DaemonConfiguration.dropInLimit) there")
                return
            }
            for name in names { readFile("\(directory)/\(name)", mayBeMissing: false) }
        } catch {
            fail(directory, Self.problem(error))
        }
    }

    private static func problem(_ error: SystemError) -> String {
        if error.errno == ENOENT { return "there is no such file; create it, or name another" }
        if error.errno == EFBIG {
            return "too large; at most \(ConfigurationFile.sizeLimit >> 20) MiB are read"
        }
        return "cannot be read: \(SystemError.text(error.errno))"
    }
}
