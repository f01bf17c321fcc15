/// Which numbers of records are in use: one bit each, the lowest free one first, so that the records stay together.
struct RecordNumbers {
    private static let bitsPerWord = 64

    private var words: [UInt64] = []
    /// All words before this one are full.
    private var firstNotFull = 0

    /// A free number; nil if all are in use.
    mutating func take() -> SocketRecord.Number? {
        while firstNotFull < words.count, words[firstNotFull] == .max { firstNotFull += 1 }
        guard firstNotFull * Self.bitsPerWord < Int(SocketRecord.limit) else { return nil }
        if firstNotFull == words.count { words.append(0) }
        let bit = (~words[firstNotFull]).trailingZeroBitCount
        words[firstNotFull] |= 1 << UInt64(bit)
        return SocketRecord.Number(firstNotFull * Self.bitsPerWord + bit)
    }

    /// Marks a number that an earlier run gave out.
    mutating func claim(_ number: SocketRecord.Number) {
        let (word, bit) = place(of: number)
        precondition(Int(number) < Int(SocketRecord.limit), "an earlier run had the same bound")
        while words.count <= word { words.append(0) }
        words[word] |= bit
    }

    mutating func giveBack(_ number: SocketRecord.Number) {
        let (word, bit) = place(of: number)
        precondition(word < words.count && words[word] & bit != 0, "a number is given back once")
        words[word] &= ~bit
        firstNotFull = min(firstNotFull, word)
    }

    private func place(of number: SocketRecord.Number) -> (word: Int, bit: UInt64) {
        (Int(number) / Self.bitsPerWord, 1 << UInt64(Int(number) % Self.bitsPerWord))
    }
}
