import Mobility

/// Finds prefixes that share addresses: two sources would give out the same one.
enum PrefixOverlap {
    typealias Entry = (prefix: IPv6Prefix, origin: ConfigurationAssignment)

    /// An error for each prefix that shares addresses with one before it.
    ///
    /// - Parameter entries: in the order in which they were written.
    static func errors(among entries: [Entry]) -> [ConfigurationError] {
        // Two prefixes are disjoint, or one holds the other and sorts before it: what holds an entry is what is
        // left on a stack from which all that ended before it were taken.
        let order = entries.indices.sorted { a, b in
            let (first, second) = (entries[a].prefix, entries[b].prefix)
            return (first.address, first.length, a) < (second.address, second.length, b)
        }
        var holders: [Int] = []
        var earliest: [Int: Int] = [:]
        for index in order {
            while let holder = holders.last, !entries[holder].prefix.overlaps(entries[index].prefix) {
                holders.removeLast()
            }
            if let holder = holders.last {
                earliest[max(holder, index), default: .max].lower(to: min(holder, index))
            }
            holders.append(index)
        }
        return earliest.sorted { $0.key < $1.key }
            .map { later, earlier in error(entries[later].origin, overlaps: entries[earlier]) }
    }

    private static func error(_ later: ConfigurationAssignment, overlaps earlier: Entry) -> ConfigurationError
    {
        ConfigurationError(
            later.location, later.text,
            "overlaps \(earlier.prefix) at \(earlier.origin.location); "
                + "write each prefix once, and none that holds another")
    }
}

extension Int {
    fileprivate mutating func lower(to other: Int) { self = Swift.min(self, other) }
}
