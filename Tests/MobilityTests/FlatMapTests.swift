import Testing

@testable import Mobility

/// The map and the table of sockets against the standard library's dictionary.
@Suite struct FlatMapTests {
    /// Few keys, so that they meet often, in an order that is the same in every run.
    private var keys: [UInt64] { (0..<20_000).map { ($0 as UInt64).mixed >> 40 % 97 } }

    @Test func itHoldsWhatADictionaryHolds() {
        var map = FlatMap<UInt64, Int>()
        var dictionary: [UInt64: Int] = [:]
        for (step, key) in keys.enumerated() {
            #expect(map[key] == dictionary[key])
            let value = step % 3 == 0 ? nil : step
            map[key] = value
            dictionary[key] = value
            #expect(map.count == dictionary.count)
        }
        for key in 0..<97 as Range<UInt64> { #expect(map[key] == dictionary[key]) }
    }

    @Test func aSocketHasAsManyEntriesAsItWasGivenAddresses() {
        var table = SocketTable()
        var counts: [UInt64: Int] = [:]
        for (step, key) in keys.enumerated() {
            let cookie = key + 1
            if step % 5 < 3 {
                table.insert(
                    SocketTable.Entry(
                        Requester(cookie: cookie, transport: 6, user: 0, process: 1), slot: step, record: 0))
                counts[cookie, default: 0] += 1
            } else if let count = counts[cookie], count > 0 {
                #expect(table.removeOne(of: cookie)?.cookie == cookie)
                counts[cookie] = count - 1
            } else {
                #expect(table.removeOne(of: cookie) == nil)
            }
        }
        for (cookie, expected) in counts {
            var found = 0
            table.forEachSlot(of: cookie) { _ in
                found += 1
                return true
            }
            #expect(found == expected)
        }
    }
}
