import Mobility
import Posix

// A record in the file, eight numbers of 64 bits, the low bits of each first:
//
//   0  SO_COOKIE
//   1  address, octets 0 to 7
//   2  address, octets 8 to 15
//   3  microseconds of CLOCK_BOOTTIME when the address was given
//   4  user (32), process (32)
//   5  inode (32), transport (16), type (8), kind (2), traits (3), owner's kind (2), zero (1)
//   6  owner: the user or the cookie
//   7  check
//
// Free places are zero.

/// Goes into every check: a record of another file, or of another place, is none of this one's.
struct SocketRecordKey {
    private let seed: UInt64

    init(_ header: SocketRecordsHeader) {
        seed = header.boot.high ^ header.boot.low ^ header.namespace
    }

    func check(_ words: RecordFile.Record, at number: SocketRecord.Number) -> UInt64 {
        words.check(seed: seed ^ UInt64(number))
    }
}

private enum Kind {
    static let socket: UInt8 = 1
    static let hold: UInt8 = 2
    static let mask: UInt8 = 0x03
}

private struct Traits: OptionSet {
    let rawValue: UInt8
    static let announced = Traits(rawValue: 1 << 2)
    static let onNet = Traits(rawValue: 1 << 3)
    static let routedOnly = Traits(rawValue: 1 << 4)
}

private enum OwnerKind {
    static let host: UInt8 = 0
    static let user: UInt8 = 1
    static let socket: UInt8 = 2
    static let shift: UInt8 = 5
}

extension SocketRecord {
    func encoded(at number: Number, _ key: SocketRecordKey) -> RecordFile.Record {
        var words = RecordFile.Record(repeating: 0)
        var marks = Kind.hold
        if let requester {
            marks = Kind.socket
            if requester.isDeathAnnounced { marks |= Traits.announced.rawValue }
            words[0] = requester.cookie
            words[4] = UInt64(requester.user) | UInt64(UInt32(bitPattern: requester.process)) << 32
            words[5] = UInt64(requester.inode) | UInt64(requester.transport) << 32
        }
        if isOnNet { marks |= Traits.onNet.rawValue }
        if isRoutedOnly { marks |= Traits.routedOnly.rawValue }
        switch owner {
        case nil: break
        case .user(let user):
            marks |= OwnerKind.user << OwnerKind.shift
            words[6] = UInt64(user)
        case .socket(let cookie):
            marks |= OwnerKind.socket << OwnerKind.shift
            words[6] = cookie
        }
        words[1] = address.high
        words[2] = address.low
        words[3] = since.microseconds
        words[5] |= UInt64(type.rawValue) << 48 | UInt64(marks) << 56
        words[7] = key.check(words, at: number)
        return words
    }

    /// - Returns: nil if the record is damaged or stands in another's place.
    init?(_ words: RecordFile.Record, at number: Number, _ key: SocketRecordKey) {
        guard words[7] == key.check(words, at: number) else { return nil }
        let marks = UInt8(truncatingIfNeeded: words[5] >> 56)
        let traits = Traits(rawValue: marks)
        guard let type = ContinuityType(rawValue: UInt8(truncatingIfNeeded: words[5] >> 48)) else {
            return nil
        }
        let requester: Requester?
        switch marks & Kind.mask {
        case Kind.socket: requester = Requester(words, isDeathAnnounced: traits.contains(.announced))
        case Kind.hold: requester = nil
        default: return nil
        }
        let owner: AddressOwner?
        switch marks >> OwnerKind.shift {
        case OwnerKind.host: owner = nil
        case OwnerKind.user: owner = .user(UInt32(truncatingIfNeeded: words[6]))
        case OwnerKind.socket: owner = .socket(cookie: words[6])
        default: return nil
        }
        self.init(
            requester: requester, address: IPv6Address(high: words[1], low: words[2]), type: type,
            owner: owner, isOnNet: traits.contains(.onNet), isRoutedOnly: traits.contains(.routedOnly),
            since: Instant(microseconds: words[3]))
    }
}

extension Requester {
    fileprivate init(_ words: RecordFile.Record, isDeathAnnounced: Bool) {
        self.init(
            cookie: words[0], transport: UInt16(truncatingIfNeeded: words[5] >> 32),
            user: UInt32(truncatingIfNeeded: words[4]), process: Int32(truncatingIfNeeded: words[4] >> 32),
            inode: UInt32(truncatingIfNeeded: words[5]), isDeathAnnounced: isDeathAnnounced)
    }
}
