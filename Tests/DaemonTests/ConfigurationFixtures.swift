import Mobility
import Posix

@testable import Daemon

/// Where the files of this directory and of the repository are.
enum Fixtures {
    static let directory = String(#filePath.dropLast("/ConfigurationFixtures.swift".count))
    static let repository = String(directory.dropLast("/Tests/DaemonTests".count))
    static let broken = "\(directory)/broken"

    /// The lines of a text file.
    static func lines(_ path: String) throws -> [String] {
        String(decoding: try File.read(path, limit: 1 << 20), as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }
}

extension DaemonConfiguration {
    /// What no file, or an empty one, leads to.
    static var withoutFiles: DaemonConfiguration {
        var configuration = DaemonConfiguration()
        configuration.mobility.sources = [BuiltInSource.source]
        return configuration
    }
}

/// Reads configuration files that are given as text.
func configuration(
    _ files: (path: String, text: String)...
) throws(ConfigurationErrors) -> DaemonConfiguration {
    var draft = ConfigurationDraft()
    for file in files { draft.read(ConfigurationFile(path: file.path, octets: Array(file.text.utf8))) }
    return try draft.finished().configuration
}

/// Reads one configuration file, `test.conf`.
func configuration(_ text: String) throws(ConfigurationErrors) -> DaemonConfiguration {
    try configuration(("test.conf", text))
}
