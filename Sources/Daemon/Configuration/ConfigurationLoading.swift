import CLibc
import Posix

extension DaemonConfiguration {
    /// Drop-in files that are read at most: with the size of each this bounds what a reload can take.
    static let dropInLimit = 256

    /// Where packages put their drop-ins.
    static let vendorDropIns = "/usr/lib/odmd/odmd.conf.d"

    /// Reads a configuration file and its drop-ins, the files `PATH.d/*.conf` in the order of their names.
    ///
    /// With the file at its usual place packages may have drop-ins as well; of files of the same name only the
    /// administrator's is read, so that an empty one masks a package's.
    ///
    /// - Parameter isDefaultPath: nobody named the file, so that it is no error if there is none.
    /// - Throws: every mistake in all of the files.
    public static func load(
        path: String, isDefaultPath: Bool
    ) throws(ConfigurationErrors) -> LoadedConfiguration {
        try load(path: path, isDefaultPath: isDefaultPath, vendorDropIns: isDefaultPath ? vendorDropIns : nil)
    }

    static func load(
        path: String, isDefaultPath: Bool, vendorDropIns: String?
    ) throws(ConfigurationErrors) -> LoadedConfiguration {
        var draft = ConfigurationDraft()
        draft.readFile(path, mayBeMissing: isDefaultPath)
        draft.readDropIns([path + ".d"] + (vendorDropIns.map { [$0] } ?? []))
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

    /// - Parameter directories: those whose files come before others of the same name first.
    fileprivate mutating func readDropIns(_ directories: [String]) {
        var paths: [String: String] = [:]
        for directory in directories {
            do {
                let names = try File.names(in: directory, endingIn: ".conf")
                guard names.count <= DaemonConfiguration.dropInLimit else {
                    let limit = DaemonConfiguration.dropInLimit
                    fail(directory, "\(names.count) files; put at most \(limit) there")
                    continue
                }
                for name in names where paths[name] == nil { paths[name] = "\(directory)/\(name)" }
            } catch {
                fail(directory, Self.problem(error))
            }
        }
        for (_, path) in paths.sorted(by: { $0.key < $1.key }) { readFile(path, mayBeMissing: false) }
    }

    private static func problem(_ error: SystemError) -> String {
        if error.errno == ENOENT { return "there is no such file; create it, or name another" }
        if error.errno == EFBIG {
            return "too large; at most \(ConfigurationFile.sizeLimit >> 20) MiB are read"
        }
        return "cannot be read: \(SystemError.text(error.errno))"
    }
}
