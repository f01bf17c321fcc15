import Posix

/// The first record of the file, eight numbers of 64 bits: signature; format and octets of a record, 32 bits
/// each; the machine's start; the network namespace; two zeros; check.
struct SocketRecordsHeader: Equatable {
    /// The machine's start that the sockets belong to.
    var boot: BootIdentifier
    /// SO_NETNS_COOKIE of the network namespace that they are in.
    var namespace: UInt64

    /// "odmdsock" on a machine with the low octet first.
    private static let signature: UInt64 = 0x6b63_6f73_646d_646f
    static let format: UInt32 = 1

    /// Why a file is not read.
    enum Refusal: Error, Equatable, CustomStringConvertible {
        case foreign
        case otherFormat(UInt32)
        case otherRecordSize(UInt32)
        case damaged

        var description: String {
            switch self {
            case .foreign: "it is no record of sockets"
            case .otherFormat(let format):
                "it is of format \(format), and this odmd reads format \(SocketRecordsHeader.format)"
            case .otherRecordSize(let octets):
                "its records have \(octets) octets, not \(RecordFile.recordOctets)"
            case .damaged: "its header is damaged"
            }
        }
    }

    init(boot: BootIdentifier, namespace: UInt64) {
        self.boot = boot
        self.namespace = namespace
    }

    var encoded: RecordFile.Record {
        var words = RecordFile.Record(repeating: 0)
        words[0] = Self.signature
        words[1] = UInt64(Self.format) | UInt64(RecordFile.recordOctets) << 32
        words[2] = boot.high
        words[3] = boot.low
        words[4] = namespace
        words[7] = words.check(seed: Self.signature)
        return words
    }

    init(_ words: RecordFile.Record) throws(Refusal) {
        guard words[0] == Self.signature else { throw .foreign }
        let format = UInt32(truncatingIfNeeded: words[1])
        guard format == Self.format else { throw .otherFormat(format) }
        let octets = UInt32(truncatingIfNeeded: words[1] >> 32)
        guard octets == RecordFile.recordOctets else { throw .otherRecordSize(octets) }
        guard words[7] == words.check(seed: Self.signature) else { throw .damaged }
        boot = BootIdentifier(high: words[2], low: words[3])
        namespace = words[4]
    }
}
