import Mobility

/// Finds prefixes that share addresses: two sources would give out the same one.
enum PrefixOverlap {
    typealias Entry = (prefix: IPv6Prefix, origin: ConfigurationAssignment)

    /// An error for each prefix that shares addresses with another, at the later of the two.
    static func errors(among entries: [Entry]) -> [ConfigurationError] {
        // Two prefixes are disjoint or one holds the other, and then it sorts before it: it is enough to compare
        // each with the last that no other holds.
        let order = entries.indices.sorted { a, b in
            let (first, second) = (entries[a].prefix, entries[b].prefix)
            return (first.address, first.length, a) < (second.address, second.length, b)
        }
        var errors: [ConfigurationError] = []
        var outermost: Int?
        for index in order {
            guard let outer = outermost, entries[outer].prefix.overlaps(entries[index].prefix) else {
                outermost = index
                continue
            }
            errors.append(error(entries[max(outer, index)].origin, overlaps: entries[min(outer, index)]))
        }
        return errors
    }

    private static func error(_ later: ConfigurationAssignment, overlaps earlier: Entry) -> ConfigurationError
    {
        ConfigurationError(
            later.location, later.text,
            "overlaps \(earlier.prefix) at \(earlier.origin.location); "
                + "write each prefix once, and none that holds another")
    }
}
