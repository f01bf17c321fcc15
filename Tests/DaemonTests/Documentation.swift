import Foundation

/// A page of the repository, by its path from the top.
func documentation(_ path: String) throws -> String {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../\(path)")
    return try String(contentsOf: file, encoding: .utf8)
}
