import Posix

extension RecordFile.Record {
    /// A hash of all words but the last, which keeps it: FNV-1a, a word at a time and with the high bits brought
    /// down. It finds damage, not malice.
    func check(seed: UInt64) -> UInt64 {
        var hash = seed
        for index in 0..<7 {
            hash = (hash ^ self[index]) &* 0xff51_afd7_ed55_8ccd
            hash ^= hash >> 32
        }
        return hash
    }
}
