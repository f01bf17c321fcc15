/// A pattern of names: `*` stands for any octets, `?` for one, `[abc]`, `[a-z]` and `[!a-z]` for one of a set (glob(7)).
struct Glob: Equatable, Sendable {
    let text: String
    private let octets: [UInt8]

    /// Nil if it is empty, or a `[` lacks its `]`.
    init?(_ text: some StringProtocol) {
        let octets = Array(text.utf8)
        guard !octets.isEmpty, Self.areSetsClosed(octets[...]) else { return nil }
        self.text = String(text)
        self.octets = octets
    }

    /// Takes time that grows with the product of both lengths at most, whatever the pattern.
    func matches(_ name: String) -> Bool {
        let name = Array(name.utf8)
        var (here, place) = (0, octets.startIndex)
        // Where to go on when what follows the last `*` does not fit: with one octet more for the `*`.
        var retry: (here: Int, place: Int)?
        while true {
            if place < octets.endIndex, octets[place] == UInt8(ascii: "*") {
                place += 1
                retry = (here, place)
            } else if here == name.count, place == octets.endIndex {
                return true
            } else if here < name.count, let next = step(over: name[here], at: place) {
                (here, place) = (here + 1, next)
            } else if let last = retry, last.here < name.count {
                (here, place) = (last.here + 1, last.place)
                retry?.here = here
            } else {
                return false
            }
        }
    }

    /// Where the pattern goes on if what it has at a place stands for the octet; nil if it does not.
    private func step(over octet: UInt8, at place: Int) -> Int? {
        guard place < octets.endIndex else { return nil }
        switch octets[place] {
        case UInt8(ascii: "?"): return place + 1
        case UInt8(ascii: "["):
            guard let end = Self.endOfSet(octets[place...]) else { return nil }
            return Self.isIn(octets[(place + 1)..<end], octet) ? end + 1 : nil
        default: return octets[place] == octet ? place + 1 : nil
        }
    }

    private static func areSetsClosed(_ pattern: ArraySlice<UInt8>) -> Bool {
        var rest = pattern
        while let first = rest.first {
            guard first == UInt8(ascii: "[") else {
                rest.removeFirst()
                continue
            }
            guard let end = endOfSet(rest) else { return false }
            rest = rest[(end + 1)...]
        }
        return true
    }

    /// Where the set that the pattern begins with is closed; a `]` that comes first is one of the set.
    private static func endOfSet(_ pattern: ArraySlice<UInt8>) -> Int? {
        var first = pattern.startIndex + 1
        if pattern.indices.contains(first), pattern[first] == UInt8(ascii: "!") { first += 1 }
        return pattern[first...].dropFirst().firstIndex(of: UInt8(ascii: "]"))
    }

    private static func isIn(_ set: ArraySlice<UInt8>, _ octet: UInt8) -> Bool {
        if set.first == UInt8(ascii: "!") { return !isIn(set.dropFirst(), octet) }
        var rest = set
        while let first = rest.first {
            let range = Array(rest.prefix(3))
            if range.count == 3, range[1] == UInt8(ascii: "-") {
                if range[0] <= octet, octet <= range[2] { return true }
                rest = rest.dropFirst(3)
            } else {
                if first == octet { return true }
                rest = rest.dropFirst()
            }
        }
        return false
    }
}
