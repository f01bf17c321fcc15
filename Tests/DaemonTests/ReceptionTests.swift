import Testing

@testable import Daemon
@testable import Posix

/// Whose turn it is among clients that have come at once.
@Suite struct ReceptionTests {
    /// Clients by the numbers of their descriptors.
    private var names: [Int32: String] = [:]
    private let reception = Reception(most: 8)

    /// Adds a client that is known by a name.
    ///
    /// - Returns: whether it was taken.
    private mutating func add(_ name: String, of user: UInt32) throws -> Bool {
        let connection = try Descriptor.alwaysReady()
        names[connection.number] = name
        return reception.add(connection, of: user) == nil
    }

    private func next() -> String? {
        guard let connection = reception.next() else { return nil }
        return names[connection.number]
    }

    @Test mutating func usersTakeTurns() throws {
        for (name, user) in [("a1", 1), ("a2", 1), ("b1", 2), ("c1", 3), ("b2", 2)] as [(String, UInt32)] {
            #expect(try add(name, of: user))
        }
        #expect((1...5).map { _ in next() } == ["a1", "b1", "c1", "a2", "b2"])
        #expect(reception.isEmpty && next() == nil)
    }

    @Test mutating func whoComesLaterIsNotBehindALongLine() throws {
        _ = try add("a1", of: 1)
        _ = try add("a2", of: 1)
        #expect(next() == "a1")
        _ = try add("b1", of: 2)
        #expect((1...2).map { _ in next() } == ["a2", "b1"])
    }

    @Test mutating func aUserHasAQuarterOfThePlaces() throws {
        #expect(try add("a1", of: 1) && add("a2", of: 1))
        #expect(try !add("a3", of: 1))
        #expect(try add("b1", of: 2))
        #expect(next() == "a1")
        #expect(try add("a4", of: 1), "there is room again")
        for user in 3...5 as ClosedRange<UInt32> { _ = try add("", of: user) }
        #expect(!reception.isFull)
        for user in 6...7 as ClosedRange<UInt32> { _ = try add("", of: user) }
        #expect(reception.isFull)
    }

    @Test mutating func aLineThatIsNeverEmptyKeepsItsOrder() throws {
        _ = try add("0", of: 1)
        for number in 1...100 {
            _ = try add("\(number)", of: 1)
            #expect(next() == "\(number - 1)")
        }
        #expect(next() == "100" && reception.isEmpty)
    }

    @Test(arguments: [(40, 10), (1024, 256), (524_288, 4096), (3, 4)] as [(UInt64, Int)])
    func placesByDescriptors(_ descriptors: UInt64, _ most: Int) {
        #expect(Reception.most(descriptors: descriptors) == most)
    }
}
