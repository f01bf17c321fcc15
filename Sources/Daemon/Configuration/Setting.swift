/// One value that is in force, and where it comes from.
public struct Setting: Equatable, Sendable {
    /// As in the header, without the brackets: `Type fixed`.
    let section: String
    let key: String
    /// As it was written, or as the default would be.
    let value: String
    /// Nil for a default.
    let location: ConfigurationLocation?
}

/// Where the values of a section come from.
struct SettingOrigins<Key: Hashable> {
    private var assignments: [Key: [ConfigurationAssignment]] = [:]

    /// The assignments of a key that are in force, even if they were refused; none if it has its default.
    subscript(key: Key) -> [ConfigurationAssignment] { assignments[key] ?? [] }

    /// The last of them.
    func last(_ key: Key) -> ConfigurationAssignment? { assignments[key]?.last }

    mutating func note(_ assignment: ConfigurationAssignment, for key: Key, isList: Bool) {
        if isList {
            assignments[key, default: []].append(assignment)
        } else {
            assignments[key] = [assignment]
        }
    }

    mutating func forget(_ key: Key) { assignments[key] = nil }
}

extension [Setting] {
    /// What is different in another configuration, a line for each key.
    func changes(to new: [Setting]) -> [String] {
        let (before, after) = (byKey, new.byKey)
        let keys = Set(before.keys).union(after.keys).sorted()
        return keys.compactMap { key in
            let (old, new) = (before[key] ?? [], after[key] ?? [])
            guard old.map(\.value) != new.map(\.value) else { return nil }
            let origin = new.last?.location.map { " (\($0))" } ?? ""
            if new.isEmpty { return "\(key)\(Self.text(old)) is gone" }
            return old.isEmpty
                ? "\(key)\(Self.text(new)) is new\(origin)"
                : "\(key)\(Self.text(new)) was \(Self.text(old))\(origin)"
        }
    }

    private var byKey: [String: [Setting]] {
        Dictionary(grouping: self) { "[\($0.section)] \($0.key)=" }
    }

    private static func text(_ settings: [Setting]) -> String {
        Excerpt.of(settings.map(\.value).joined(separator: " "))
    }
}
