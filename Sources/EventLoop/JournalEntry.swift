import CSystemd

/// A field that the journal stores beside the message, for `journalctl NAME=value`.
public struct LogField: Sendable {
    public let name: StaticString
    public let value: String

    /// - Precondition: `name` is made of A–Z, 0–9 and `_`, and does not start with `_` (systemd.journal-fields).
    public init(name: StaticString, value: String) {
        let octets = name.description.utf8
        let isValid = octets.allSatisfy {
            (0x41...0x5a).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
        }
        precondition(isValid && !octets.isEmpty && octets.first != UInt8(ascii: "_"), "not a field name")
        self.name = name
        self.value = value
    }
}

/// One message in the journal's own form: assignments, of which the value may hold anything.
struct JournalEntry {
    /// NAME=value, one after the other.
    private(set) var octets: [UInt8] = []
    /// Where in `octets` each assignment ends.
    private(set) var ends: [Int] = []

    init(program: String, level: LogLevel, message: String, fields: [LogField]) {
        append("PRIORITY", String(level.rawValue))
        append("SYSLOG_IDENTIFIER", program)
        append("MESSAGE", message)
        for field in fields { append(field.name.description, field.value) }
    }

    private mutating func append(_ name: String, _ value: String) {
        octets += name.utf8
        octets.append(UInt8(ascii: "="))
        octets += value.utf8
        ends.append(octets.count)
    }

    /// - Returns: false if the journal does not take it.
    func send() -> Bool {
        var octets = octets
        let ends = ends
        return unsafe octets.withUnsafeMutableBytes { bytes in
            var vectors = unsafe [iovec]()
            var start = 0
            for end in ends {
                let base = unsafe bytes.baseAddress! + start
                unsafe vectors.append(iovec(iov_base: base, iov_len: end - start))
                start = end
            }
            return unsafe sd_journal_sendv(vectors, Int32(vectors.count)) >= 0
        }
    }
}
