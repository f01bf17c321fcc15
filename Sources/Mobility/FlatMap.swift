/// A key whose own bits, mixed a little, spread well enough: no outsider chooses them.
protocol FlatKey: Equatable {
    var mixed: UInt64 { get }
}

/// A map by open addressing, without tombstones. A use costs a tenth of Dictionary's, whose keys go through
/// SipHash, and there are several to every address that is made.
struct FlatMap<Key: FlatKey, Value> {
    private(set) var count = 0
    private var entries: [(key: Key, value: Value)?]

    private static var smallestCapacity: Int { 16 }

    init() { entries = Array(repeating: nil, count: Self.smallestCapacity) }

    subscript(key: Key) -> Value? {
        get {
            let place = place(of: key)
            return entries[place]?.value
        }
        set {
            let place = place(of: key)
            switch (entries[place], newValue) {
            case (nil, nil): return
            case (_?, nil): remove(at: place)
            case (_?, let value?): entries[place] = (key, value)
            case (nil, let value?): insert(key, value, at: place)
            }
        }
    }

    private mutating func insert(_ key: Key, _ value: Value, at place: Int) {
        count += 1
        entries[place] = (key, value)
        if count * 4 > entries.count * 3 { grow() }
    }

    /// Moves later entries of the run back, so that every one stays reachable from its home.
    private mutating func remove(at start: Int) {
        count -= 1
        var gap = start
        var probe = next(start)
        while let entry = entries[probe] {
            let distanceFromHome = (probe &- home(of: entry.key)) & mask
            if distanceFromHome >= (probe &- gap) & mask {
                entries[gap] = entry
                gap = probe
            }
            probe = next(probe)
        }
        entries[gap] = nil
    }

    private mutating func grow() {
        let old = entries
        entries = Array(repeating: nil, count: old.count * 2)
        for entry in old {
            if let entry { entries[place(of: entry.key)] = entry }
        }
    }

    /// Where the key is, or would be put.
    private func place(of key: Key) -> Int {
        var place = home(of: key)
        while let entry = entries[place], entry.key != key { place = next(place) }
        return place
    }

    private var mask: Int { entries.count - 1 }

    private func next(_ place: Int) -> Int { (place + 1) & mask }

    private func home(of key: Key) -> Int { Int(truncatingIfNeeded: key.mixed >> 32) & mask }
}

extension UInt64: FlatKey {
    /// Fibonacci hashing: successive numbers go far apart.
    var mixed: UInt64 { self &* 0x9e37_79b9_7f4a_7c15 }
}

extension IPv6Address: FlatKey {
    var mixed: UInt64 { (low ^ high &* 0x9e37_79b9_7f4a_7c15).mixed }
}
