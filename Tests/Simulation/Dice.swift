/// SplitMix64 (Steele, Lea and Flood, 2014): small, quick, and the same everywhere.
struct Dice {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func number() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }

    /// A number from 0 up to, and without, `sides`.
    mutating func roll(_ sides: Int) -> Int {
        Int(truncatingIfNeeded: ((number() >> 32) &* UInt64(truncatingIfNeeded: sides)) >> 32)
    }

    /// True once in `rolls` times.
    mutating func once(in rolls: Int) -> Bool { roll(rolls) == 0 }

    /// One of the elements; nil if there is none.
    mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[roll(elements.count)]
    }
}
