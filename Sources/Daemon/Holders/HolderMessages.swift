import Posix

/// What odmd asks the service that may look into other processes: one packet of an octet, 1 if it is the
/// last look and else 0, and eight octets for each socket, the process and the inode, both in network byte order.
struct HolderQuestion: Equatable {
    /// Most sockets of a packet.
    static let limit = 4096
    static let longest = 1 + limit * octetsEach
    private static let octetsEach = 8
    /// Stands for a process that is gone.
    private static let noProcess = Int32.min

    var sought: [SocketHolders.Sought]
    /// As in `HolderSearch`.
    var isLast: Bool

    /// - Precondition: from one to `limit` sockets.
    init(_ sought: [SocketHolders.Sought], isLast: Bool) {
        precondition(!sought.isEmpty && sought.count <= Self.limit, "a packet asks for 1 to \(Self.limit)")
        self.sought = sought
        self.isLast = isLast
    }

    /// - Returns: nil if it is no question.
    init?(_ octets: [UInt8]) {
        guard let first = octets.first, first <= 1, octets.count > 1, octets.count <= Self.longest,
            octets.count % Self.octetsEach == 1
        else { return nil }
        isLast = first == 1
        sought = stride(from: 1, to: octets.count, by: Self.octetsEach).map { offset in
            let process = Int32(bitPattern: Self.number(octets[offset..<offset + 4]))
            return SocketHolders.Sought(
                process: process == Self.noProcess ? nil : process,
                inode: Self.number(octets[offset + 4..<offset + 8]))
        }
    }

    var octets: [UInt8] {
        [isLast ? 1 : 0]
            + sought.flatMap { one in
                Self.octets(UInt32(bitPattern: one.process ?? Self.noProcess)) + Self.octets(one.inode)
            }
    }

    private static func number(_ octets: ArraySlice<UInt8>) -> UInt32 {
        octets.reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func octets(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}

/// The answer: one packet, of an octet for each socket in the order of the question (`SocketHolders.Whereabouts`), and one
/// that is 1 if descriptors waited in messages, else 0.
struct HolderAnswer: Equatable {
    static let longest = HolderQuestion.limit + 1

    var sight: HolderSight

    init(_ sight: HolderSight) { self.sight = sight }

    /// - Returns: nil if it does not answer a question for so many.
    init?(_ octets: [UInt8], count: Int) {
        guard octets.count == count + 1, let last = octets.last, last <= 1 else { return nil }
        let whereabouts = octets.dropLast().compactMap(SocketHolders.Whereabouts.init)
        guard whereabouts.count == count else { return nil }
        sight = HolderSight(whereabouts: whereabouts, mayBeOnItsWay: last == 1)
    }

    var octets: [UInt8] { sight.whereabouts.map(\.rawValue) + [sight.mayBeOnItsWay ? 1 : 0] }
}
